/** From which key to which the session has moved; `null`: no key. */
export interface KeyChange<State = object> {
  readonly from: string | null;
  readonly to: string | null;
  /** At a login, and only then: what the session had before it, to be merged if the author likes. */
  readonly guest: State | undefined;
}

/** Runs in the commit that a session arrives with; `state` is that of the new key, tracked. */
export type KeyChangeHook<State = object> = (state: State, change: KeyChange<State>) => void;
