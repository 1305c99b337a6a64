/**
 * Every limit of Holdfast in one table (DESIGN 7). All are configurable: hosts and clients take a
 * `Partial<Limits>` and merge it over this table.
 */
export interface Limits {
  /** Largest frame that a host accepts, in UTF-8 bytes. */
  readonly frameInBytes: number;
  /** Largest frame that a host sends, in UTF-8 bytes; a larger one is cut into `chunk` messages. */
  readonly frameOutBytes: number;
  /** Most messages in a frame that a host accepts. */
  readonly messagesPerFrame: number;
  /** Largest frame that a client puts together from chunks, in UTF-8 bytes at most. */
  readonly assembledBytes: number;
  /** Largest encoded value inside one patch, payload or field, in UTF-8 bytes. */
  readonly valueBytes: number;
  /** Largest encoded commit, in UTF-8 bytes. */
  readonly commitBytes: number;
  /** Largest encoded result of an action, in UTF-8 bytes. */
  readonly resultBytes: number;
  /** Deepest nesting of a value. */
  readonly depth: number;
  /** Most segments in a path. */
  readonly pathSegments: number;
  /** Most patches in one client patch. */
  readonly patchesPerClientPatch: number;
  /** Most writes that one action may log. */
  readonly writesPerAction: number;
  /** Most sequences of one client that are above its `settled`. */
  readonly openSequences: number;
  /** Most actions in a client's outbox. */
  readonly outboxActions: number;
  /** Most bytes in a client's outbox. */
  readonly outboxBytes: number;
  /** Most actions that wait at one instance until another one has ended. */
  readonly waitingActions: number;
  /** Sustained actions per second of one principal at one instance. */
  readonly ratePerSecond: number;
  /** Actions that one principal may send at once before the rate counts. */
  readonly rateBurst: number;
  /** Most sockets of one principal at one instance. */
  readonly socketsPerPrincipal: number;
  /** Longest key, in UTF-8 bytes. */
  readonly keyBytes: number;
  /** Most versions in the resume window. */
  readonly resumeVersions: number;
  /** Most bytes of commits in the resume window. */
  readonly resumeBytes: number;
  /** A client tells the version it has read after this many bytes. */
  readonly seenEveryBytes: number;
  /** A connection with more bytes than this unseen is closed with 4008. */
  readonly unseenBytes: number;
  /** Largest journal row or state part row that storage accepts, in bytes, below the platform's 2 MB. */
  readonly rowBytes: number;
  /** Largest part of a checkpoint, in bytes. */
  readonly partBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  frameInBytes: 256 * 1024,
  frameOutBytes: 1024 * 1024,
  messagesPerFrame: 1_024,
  assembledBytes: 128 * 1024 * 1024,
  valueBytes: 1_000_000,
  commitBytes: 8_000_000,
  resultBytes: 64 * 1024,
  depth: 64,
  pathSegments: 32,
  patchesPerClientPatch: 1_000,
  writesPerAction: 100_000,
  openSequences: 256,
  outboxActions: 1_000,
  outboxBytes: 1024 * 1024,
  waitingActions: 1_000,
  ratePerSecond: 50,
  rateBurst: 200,
  socketsPerPrincipal: 20,
  keyBytes: 512,
  resumeVersions: 1_000,
  resumeBytes: 16 * 1024 * 1024,
  seenEveryBytes: 256 * 1024,
  unseenBytes: 1024 * 1024,
  rowBytes: 1_000_000,
  partBytes: 64 * 1024,
};
