/** What a room needs of where it runs. */
export interface RoomPlatform {
  /** Milliseconds since 1970. */
  now(): number;
  /** A random token of `length` characters of base64url. */
  token(length: number): string;
  /** Calls back once, `ms` milliseconds from now; what it returns calls that off. */
  after(ms: number, callback: () => void): () => void;
  /** Resolves in an event of its own: platforms count calls per event. */
  nextEvent(): Promise<void>;
  /** Tells the operator of an error whose details no client may see. */
  report(error: unknown, what: string): void;
  warn(message: string): void;
}
