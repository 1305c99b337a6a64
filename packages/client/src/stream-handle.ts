import {
  type ModuleContract,
  type Primitive,
  streamAt,
  type StreamStatus,
  type StreamValue,
} from "@holdfast/protocol";
import type { LiveText, LiveTexts } from "./live-texts.ts";

/** The keys of a state that are streams, or a list of the keys that lead to one. */
export type StreamPath<Module extends ModuleContract> =
  | {
      [Key in keyof Module["state"] & string]: Module["state"][Key] extends StreamValue
        ? Key
        : never;
    }[keyof Module["state"] & string]
  | readonly Primitive[];

/** What there is to see of a stream, immutable; a new object whenever any of it changed. */
export interface StreamSnapshot {
  /** All that has come, also what is not durable yet. */
  readonly text: string;
  /** `idle` as well where there is no such stream, or no state yet. */
  readonly status: StreamStatus;
  /** Why `status` is `error`: what the server's `fail` was given, or `"interrupted"`. */
  readonly error: string | null;
}

/** One stream of an instance, as this page sees it. Reading it opens nothing. */
export interface StreamHandle {
  /** The same object until something changes. */
  readonly getSnapshot: () => StreamSnapshot;
  /**
   * Calls `listener` when any of the snapshot has changed. Keeps the connection open.
   *
   * @returns a function that ends the subscription
   */
  readonly subscribe: (listener: () => void) => () => void;
}

/** The instance that a stream belongs to. */
export interface StreamSource {
  readonly getState: () => unknown;
  readonly subscribe: (listener: () => void) => () => void;
  /** `undefined` while it is not open. */
  readonly texts: () => LiveTexts | undefined;
}

const NOTHING: StreamSnapshot = { text: "", status: "idle", error: null };

export function createStreamHandle(
  path: string | readonly Primitive[],
  source: StreamSource,
): StreamHandle {
  const segments = typeof path === "string" ? [path] : path;
  let value: StreamValue | undefined;
  let live: LiveText | undefined;
  let snapshot = NOTHING;
  const getSnapshot = (): StreamSnapshot => {
    const nextValue = streamAt(source.getState(), segments);
    const nextLive = nextValue && source.texts()?.of(nextValue.id);
    if (nextValue !== value || nextLive !== live) {
      value = nextValue;
      live = nextLive;
      const next = value ? show(value, live) : NOTHING;
      if (!isSame(snapshot, next)) snapshot = next;
    }
    return snapshot;
  };
  return {
    getSnapshot,
    subscribe: (listener) => {
      let shown = getSnapshot();
      const look = (): void => {
        const next = getSnapshot();
        if (next === shown) return;
        shown = next;
        listener();
      };
      const unsubscribe = source.subscribe(look);
      // Open by now.
      const ignore = source.texts()?.subscribe(look);
      return () => {
        ignore?.();
        unsubscribe();
      };
    },
  };
}

function show({ text, status, error }: StreamValue, live: LiveText | undefined): StreamSnapshot {
  if (status !== "streaming" || !live || live.from > text.length) return { text, status, error };
  return { text: text + live.text.slice(text.length - live.from), status, error };
}

function isSame(one: StreamSnapshot, other: StreamSnapshot): boolean {
  return one.status === other.status && one.error === other.error && one.text === other.text;
}
