import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import * as client from "@holdfast/client";
import { OLDEST_PROTOCOL, PROTOCOL_VERSION } from "@holdfast/protocol";

/** What a page needs of a client's build, whatever its age. */
export interface SkewClient {
  readonly createClient: (options: Readonly<Record<string, unknown>>) => {
    module(name: "board", key: string): SkewBoardHandle;
    close(): void;
  };
  readonly optimism: unknown;
  /** Absent in builds of before. */
  readonly presence?: unknown;
  readonly streams?: unknown;
}

/** A handle, as far as all builds agree. */
export interface SkewBoardHandle {
  getSnapshot(): {
    readonly state: SkewState | undefined;
    readonly restored: boolean;
    readonly status: string;
    readonly pending: number;
    readonly error: { readonly code: string; readonly message: string } | undefined;
  };
  subscribe(listener: () => void): () => void;
  dispatch(name: string, payload?: unknown): Promise<unknown>;
  update(recipe: (draft: Draft<SkewState>) => unknown): Promise<void>;
  optimistic(
    reducers: () => Readonly<Record<string, SkewReducer>>,
  ): Readonly<Record<string, (payload?: unknown) => Promise<unknown>>>;
  readonly presence?: {
    getSnapshot(): { readonly others: readonly { readonly value: unknown }[] };
    subscribe(listener: () => void): () => void;
    set(value: unknown): void;
  };
  stream?(path: string): {
    getSnapshot(): { readonly text: string; readonly status: string };
    subscribe(listener: () => void): () => void;
  };
}

type SkewReducer = (
  draft: Draft<SkewState>,
  payload: never,
  context: { readonly randomId: () => string },
) => unknown;

/** The state of the app in `worker/skew-app.ts`, as clients see it. */
export interface SkewState {
  readonly count: number;
  readonly items: readonly { readonly id: number; readonly marks: readonly string[] }[];
  readonly kinds: unknown;
  readonly features: readonly string[];
  readonly reply: { readonly text: string; readonly status: string } | null;
}

type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Draft<T[Key]> }
    : T;

/** A client and a Worker of one age. */
export interface SkewBuild {
  readonly name: string;
  readonly protocol: number;
  /** The oldest protocol that its Worker serves. */
  readonly oldest: number;
  readonly client: SkewClient;
  /** The file with its client, as an ES module without imports; `undefined`: the sources. */
  readonly bundle: string | undefined;
  /** The file with its Worker. */
  readonly worker: string;
}

const KEPT = fileURLToPath(new URL("../../skew/", import.meta.url));

/** What there is in this working copy. */
export const CURRENT: SkewBuild = {
  name: "current",
  protocol: PROTOCOL_VERSION,
  oldest: OLDEST_PROTOCOL,
  // True as far as it is tested.
  client: client as unknown as SkewClient,
  bundle: undefined,
  worker: fileURLToPath(new URL("../../worker/skew-worker.ts", import.meta.url)),
};

/** What `npm run store-build` has kept, oldest first. */
export async function keptBuilds(): Promise<SkewBuild[]> {
  const builds = readdirSync(KEPT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      // True because the script has written it.
      const about = JSON.parse(readFileSync(join(KEPT, name, "build.json"), "utf8")) as About;
      return { name, about };
    })
    .toSorted((a, b) => a.about.date.localeCompare(b.about.date));
  return Promise.all(
    builds.map(async ({ name, about: { protocol, oldest } }) => {
      const bundle = join(KEPT, name, "client.mjs");
      // True as far as it is tested.
      const client = (await import(pathToFileURL(bundle).href)) as SkewClient;
      return { name, protocol, oldest, client, bundle, worker: join(KEPT, name, "worker.mjs") };
    }),
  );
}

interface About {
  readonly date: string;
  readonly protocol: number;
  readonly oldest: number;
}

/** Whether a Worker serves a client at all. */
export function serves(server: SkewBuild, { protocol }: SkewBuild): boolean {
  return protocol >= server.oldest && protocol <= server.protocol;
}
