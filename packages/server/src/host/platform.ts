/** What an instance's host needs from where it runs. */
export interface Platform {
  /** Milliseconds since 1970. */
  now(): number;
  /** A random token of `length` characters of base64url, six bits each. */
  token(length: number): string;
  /** Calls back once, `ms` milliseconds from now; what it returns calls that off. */
  after(ms: number, callback: () => void): () => void;
  /**
   * Wakes the instance at a time, also from hibernation, and has its alarms ring; the last time
   * said counts, `undefined` calls it off. Durable together with what is written in the same event.
   */
  setAlarm(at: number | undefined): void;
  /**
   * Resolves when all that was written is durable; `undefined`: it is. Where there is none, the platform
   * itself holds back what leaves the instance until then. It rejects when the instance ends first.
   */
  durable?(): Promise<void> | undefined;
  /**
   * Resolves when what has arrived by now was handed over, and what was written is on its way to the
   * disk no longer; where there is none, every frame is handled as it comes.
   */
  pause?(): Promise<void>;
  /** Ends this instance at once, unanswered frames included: an invariant is broken. */
  abort(reason: string): void;
  /** Tells the operator of an error whose details no client may see. */
  report(error: unknown, what: string): void;
  /** Tells the operator of something that works, but should be written otherwise. */
  warn(message: string): void;
}
