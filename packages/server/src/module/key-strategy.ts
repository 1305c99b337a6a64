import { exceedsBytes, HoldfastError, type KeyMode, type Limits } from "@holdfast/protocol";
import { placeName } from "./place.ts";
import type { StateStore } from "./state-store.ts";
import type { User } from "./user.ts";

/** Who asks for a key: what `allow` decides by. */
export interface KeyRequest<Env = unknown> {
  /** The session that the Worker verified. */
  readonly session: { readonly id: string };
  /** Whom `authenticate` returned, if anybody. */
  readonly user: User | null;
  readonly env: Env;
}

/** One instance for everybody. */
export interface GlobalStrategy {
  readonly type: "global";
  readonly mode: "fixed";
}

/** One instance per browser session. */
export interface SessionStrategy {
  readonly type: "session";
  readonly mode: "fixed";
  /** Its state ends when nobody has been there for so long. */
  readonly idleMs: number;
}

/** When a session has ended. */
export interface IdleOptions {
  /** Nobody of it was connected for so long. Default: 30 days; `Infinity`: never. */
  readonly idleSeconds?: number;
}

const IDLE_SECONDS = 30 * 24 * 60 * 60;

/** One instance per user. */
export interface UserStrategy {
  readonly type: "user";
  readonly mode: "fixed";
}

/** An instance per key that is derived from the state. */
export interface DerivedStrategy<State = object> {
  readonly type: "derived";
  readonly mode: "fixed";
  /** Asked with the state behind every commit. What it gives is looked at, whatever the types say. */
  readonly keyOf: (state: State, asked: { module: string; session: string }) => unknown;
  /** It may give each session another key, and one for the initial state. */
  readonly bySession?: boolean;
  /** What is known of a session ends when it has not been there for so long. */
  readonly idleMs: number;
}

/** One instance per key that the client asks for. */
export interface NamedStrategy {
  readonly type: "named";
  readonly mode: "named";
  readonly allow: ((key: string, request: KeyRequest) => boolean | Promise<boolean>) | undefined;
}

/** `State`: that of the module, for strategies that ask for it. */
export type KeyStrategy<Mode extends KeyMode = KeyMode, State = object> = Extract<
  GlobalStrategy | SessionStrategy | UserStrategy | DerivedStrategy<State> | NamedStrategy,
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
 * One instance per browser session: drafts, work in progress. Tabs of one browser share it.
 *
 * @param options.idleSeconds when nobody has been connected for so long, and no action is scheduled,
 * its state is deleted, and all else that its object has stored; then `onExpire` runs. It may take a
 * thirtieth longer, a day at most. Default: 30 days; `Infinity`: never
 * @throws HoldfastError `DEFINITION_INVALID` for a time that is none
 *
 * @example
 * app.defineState({ draft: "" }).persist(durableObjectStore(session()))
 */
export function session({ idleSeconds }: IdleOptions = {}): SessionStrategy {
  return { type: "session", mode: "fixed", idleMs: idleMsOf(idleSeconds) };
}

/**
 * One instance per user that `authenticate` returned; whoever has none is refused with
 * `UNAUTHENTICATED`. Known when somebody connects, so nothing ever moves.
 *
 * @example
 * app.defineState({ todos: [] }).persist(durableObjectStore(user()))
 */
export function user(): UserStrategy {
  return { type: "user", mode: "fixed" };
}

/**
 * The key is derived from the state: per-user state that begins at a login inside the app.
 *
 * - `null` or `undefined`: the session has a state of its own, which is not kept for long.
 * - An action that makes it a key, or another key, moves its session there, with all its tabs: that
 *   key's stored state, with what the action wrote on top. With nothing stored, a session that had no
 *   key takes along what it had.
 * - An action that makes it `null` again leaves the stored state for the next login.
 *
 * "What the action wrote" is object fields, Map entries and Set members, set or removed since its last
 * `commit()`. Writing at a position of an array in such an action throws `KEY_CHANGE_WRITE`: assign
 * the array. Anywhere but at the end of an action that a client sent, a change of the key is refused
 * with `KEY_CHANGE`.
 *
 * @param options.idleSeconds a session that was not there for so long is forgotten: it is nobody's any
 * more, and begins anew. What is stored under keys stays. Default: 30 days; `Infinity`: never
 * @throws HoldfastError `DEFINITION_INVALID` for a time that is none
 *
 * @example
 * app
 *   .defineState({ user: null as { id: string } | null, todos: [] as string[] })
 *   .persist(durableObjectStore(withKey((state) => state.user?.id)))
 *   .onAction("login", ({ state }, id: string) => {
 *     state.user = { id };
 *   })
 */
export function withKey<State extends object>(
  key: (state: State) => string | null | undefined,
  { idleSeconds }: IdleOptions = {},
): DerivedStrategy<State> {
  return { type: "derived", mode: "fixed", keyOf: key, idleMs: idleMsOf(idleSeconds) };
}

/** The key that a store of its own gives. */
export function keyedBy(store: StateStore, { idleSeconds }: IdleOptions = {}): DerivedStrategy {
  return {
    type: "derived",
    mode: "fixed",
    bySession: true,
    keyOf: (state, { module, session }) => store.resolveKey(state, module, session),
    idleMs: idleMsOf(idleSeconds),
  };
}

function idleMsOf(idleSeconds: number = IDLE_SECONDS): number {
  if (typeof idleSeconds === "number" && idleSeconds > 0) return idleSeconds * 1_000;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `idleSeconds is a number of seconds above 0, or Infinity, not ${String(idleSeconds)}.`,
  );
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

/**
 * Where a request for a module leads: its instance's key. For a derived key it is the session's own
 * instance, which knows where the session is.
 *
 * @throws HoldfastError `KEY_INVALID`, `FORBIDDEN` or `UNAUTHENTICATED`
 */
export async function resolveKey(
  strategy: KeyStrategy,
  asked: string | null,
  request: KeyRequest,
  limits: Limits,
): Promise<string> {
  if (strategy.type === "named") {
    const key = checkedKey(asked, limits);
    if (strategy.allow && !(await strategy.allow(key, request))) {
      throw new HoldfastError(
        "FORBIDDEN",
        "This key is not open to this session: the module's `allow` refuses it. Ask for another one, or sign in as somebody who may.",
      );
    }
    return key;
  }
  if (asked !== null) {
    throw new HoldfastError(
      "KEY_INVALID",
      `This module's instance is not chosen by clients (${strategy.type === "derived" ? "withKey" : strategy.type}()), but a key was given. Leave the key out, or use named().`,
    );
  }
  switch (strategy.type) {
    case "global":
      return "";
    case "session":
      return request.session.id;
    case "derived":
      return placeName({ type: "session", session: request.session.id });
    case "user": {
      if (request.user) return request.user.id;
      throw new HoldfastError(
        "UNAUTHENTICATED",
        "This module has one instance per user (user()), and nobody is logged in. Pass a token: createClient({ token }), and see that createWorker({ authenticate }) knows it.",
      );
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
  const problem = keyProblem(asked, limits);
  if (problem) throw new HoldfastError("KEY_INVALID", problem);
  return asked;
}

/** What is wrong with a key that is not empty; `undefined`: nothing. */
export function keyProblem(key: string, limits: Limits): string | undefined {
  if (!key.isWellFormed()) {
    return "The key is not well-formed Unicode: it holds half of a surrogate pair. Cut strings by code point.";
  }
  if (exceedsBytes(key, limits.keyBytes)) {
    return `The key is longer than ${limits.keyBytes} bytes. Use a short id, and keep the long text in the state.`;
  }
  return undefined;
}
