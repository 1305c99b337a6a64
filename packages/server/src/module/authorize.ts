import type { User } from "./user.ts";

/** What `authorize` decides about: who wants what, and what the state is. */
export type AuthorizeRequest<State = object> = AuthorizedWish & {
  /** As it is committed. What is written to it is lost. */
  readonly state: State;
  readonly session: { readonly id: string };
  /** Whom `authenticate` returned; `null`: nobody in particular. */
  readonly user: User | null;
  readonly env: unknown;
};

/** What somebody wants. */
export type AuthorizedWish =
  | { readonly type: "connect" }
  /** `payload` is what the action's `input` has made of it; without one, whatever was sent. */
  | { readonly type: "action"; readonly action: string; readonly payload: unknown }
  /** Patches that a client's recipe made. */
  | { readonly type: "patch" };

/** `false`, or a `HoldfastError` that it throws, refuses. Synchronous: it decides by state. */
export type Authorize<State = object> = (request: AuthorizeRequest<State>) => boolean;
