import { exceedsBytes, HoldfastError, type KeyMode, type Limits } from "@holdfast/protocol";

/** Who asks for a key: what `allow` decides by. */
export interface KeyRequest<Env = unknown> {
  /** The session that the Worker verified. */
  readonly session: { readonly id: string };
  readonly env: Env;
}

/** One instance for everybody. */
export interface GlobalStrategy {
  readonly type: "global";
  readonly mode: "fixed";
}

/** One instance per key that the client asks for. */
export interface NamedStrategy {
  readonly type: "named";
  readonly mode: "named";
  readonly allow: ((key: string, request: KeyRequest) => boolean | Promise<boolean>) | undefined;
}

export type KeyStrategy<Mode extends KeyMode = KeyMode> = Extract<
  GlobalStrategy | NamedStrategy,
  { readonly mode: Mode }
>;

/**
 * Exactly one instance for everybody.
 *
 * @example
 * app.defineState({ count: 0 }).persist(durableObjectStore(global()))
 */
export function global(): GlobalStrategy {
  return { type: "global", mode: "fixed" };
}

/**
 * One instance per key that the client asks for: rooms, documents.
 *
 * @param options.allow asked in the Worker, before the instance wakes; `false` refuses with
 * `FORBIDDEN`. Without it, every key is open to everybody.
 *
 * @example
 * app.defineState({ messages: [] }).persist(durableObjectStore(named()))
 */
export function named<Env = unknown>(options?: {
  allow?: (key: string, request: KeyRequest<Env>) => boolean | Promise<boolean>;
}): NamedStrategy {
  // `Env` is the author's word for the `env` that the Worker really has: the cast only forgets it.
  return { type: "named", mode: "named", allow: options?.allow as NamedStrategy["allow"] };
}

/** Where a request for a module leads: its instance's key, or `KEY_INVALID` or `FORBIDDEN`. */
export async function resolveKey(
  strategy: KeyStrategy,
  asked: string | null,
  request: KeyRequest,
  limits: Limits,
): Promise<string> {
  switch (strategy.type) {
    case "global":
      if (asked === null) return "";
      throw new HoldfastError(
        "KEY_INVALID",
        "This module has one instance for everybody (global()), but a key was given. Leave the key out, or use named().",
      );
    case "named": {
      const key = checkedKey(asked, limits);
      if (strategy.allow && !(await strategy.allow(key, request))) {
        throw new HoldfastError("FORBIDDEN", "This key is not open to this session.");
      }
      return key;
    }
  }
}

function checkedKey(asked: string | null, limits: Limits): string {
  if (asked === null || asked === "") {
    throw new HoldfastError(
      "KEY_INVALID",
      'This module has one instance per key (named()), but no key was given. Pass one: useModule(name, { key: "…" }).',
    );
  }
  if (!asked.isWellFormed()) {
    throw new HoldfastError(
      "KEY_INVALID",
      "The key is not well-formed Unicode: it holds half of a surrogate pair. Cut strings by code point.",
    );
  }
  if (exceedsBytes(asked, limits.keyBytes)) {
    throw new HoldfastError(
      "KEY_INVALID",
      `The key is longer than ${limits.keyBytes} bytes. Use a short id, and keep the long text in the state.`,
    );
  }
  return asked;
}
