/** The limits that a client keeps to as well as a host. */
export interface ClientLimits {
  /** Largest frame that a host accepts, in UTF-8 bytes. */
  readonly frameInBytes: number;
  /** Largest frame that a client puts together from chunks, in UTF-8 bytes at most. */
  readonly assembledBytes: number;
  /** Deepest nesting of a value. */
  readonly depth: number;
  /** Most segments in a path. */
  readonly pathSegments: number;
  /** Most patches in one client patch. */
  readonly patchesPerClientPatch: number;
  /** Most sequences of one client that are above its `settled`. */
  readonly openSequences: number;
  /** Most actions in a client's outbox. */
  readonly outboxActions: number;
  /** Most bytes in a client's outbox. */
  readonly outboxBytes: number;
  /** Longest key, in UTF-8 bytes. */
  readonly keyBytes: number;
  /** A client tells what it has read after this many bytes. */
  readonly seenEveryBytes: number;
  /** Largest presence of one connection, encoded, in UTF-8 bytes. */
  readonly presenceBytes: number;
  /** Presence is sent at most once in so many milliseconds: by a client, and to each connection. */
  readonly presenceEveryMs: number;
}

/**
 * Every limit of Holdfast in one table (DESIGN 7). All are configurable: hosts and clients take a
 * `Partial` of theirs and merge it over this table.
 */
export interface Limits extends ClientLimits {
  /** Largest frame that a host sends, in UTF-8 bytes; a larger one is cut into `chunk` messages. */
  readonly frameOutBytes: number;
  /** Most messages in a frame that a host accepts. */
  readonly messagesPerFrame: number;
  /** Largest encoded value inside one patch, payload or field, in UTF-8 bytes. */
  readonly valueBytes: number;
  /** Largest encoded commit, in UTF-8 bytes. */
  readonly commitBytes: number;
  /** Largest encoded result of an action, in UTF-8 bytes. */
  readonly resultBytes: number;
  /** Longest that others wait for a client whose patch was stale, in milliseconds. */
  readonly patchTurnMs: number;
  /** Most writes that one action may log. */
  readonly writesPerAction: number;
  /** Most events that one action may emit, and most actions that it may schedule. */
  readonly effectsPerAction: number;
  /** Most actions that wait at one instance until another one has ended. */
  readonly waitingActions: number;
  /** Furthest that the time of a client's prediction may be from the server's, in milliseconds. */
  readonly clockSkewMs: number;
  /** Sustained actions per second of one principal at one instance. */
  readonly ratePerSecond: number;
  /** Actions that one principal may send at once before the rate counts. */
  readonly rateBurst: number;
  /** Most sockets of one principal at one instance. */
  readonly socketsPerPrincipal: number;
  /** Most rooms that one page of a connection can be in. */
  readonly roomsPerPage: number;
  /** Most events of one instance that wait to go to one room or user. */
  readonly waitingEvents: number;
  /** Most members of one room. */
  readonly roomMembers: number;
  /** Most senders whose progress a room remembers, so that nothing of theirs arrives twice. */
  readonly roomSenders: number;
  /** Most calls to members that a room begins in one event, and has under way. */
  readonly roomCalls: number;
  /** Longest that a room waits for the answer of a member, in milliseconds. */
  readonly roomCallMs: number;
  /** Most events that wait for one member of a room; above it, its oldest are dropped. */
  readonly roomQueue: number;
  /** Most bytes of events that a room holds for slow members, before it is `BUSY`. */
  readonly roomHeldBytes: number;
  /** Largest user, meta and presence of one connection together, encoded, in bytes. */
  readonly metaBytes: number;
  /** Most versions in the resume window. */
  readonly resumeVersions: number;
  /** Most bytes of commits in the resume window. */
  readonly resumeBytes: number;
  /** Most bytes that one connection is handed and has not said to have read. */
  readonly unseenBytes: number;
  /** Most bytes of large frames that an instance holds in memory while they are read. */
  readonly heldBytes: number;
  /** Largest journal row or state part row that storage accepts, in bytes, below the platform's 2 MB. */
  readonly rowBytes: number;
  /** Largest part of a checkpoint, in bytes. */
  readonly partBytes: number;
  /** A checkpoint is due after at least so many commits, */
  readonly checkpointCommits: number;
  /** and so many for each part that has changed. */
  readonly checkpointCommitsPerPart: number;
  /** Bytes of parts that a checkpoint under way writes for each byte that is committed; at least a part. */
  readonly checkpointPace: number;
  /** Most journal rows that are kept for nothing but their answers, before those are folded. */
  readonly answerRows: number;
  /** Most clients that have reported what is folded, before that is deleted. */
  readonly reportedClients: number;
  /** Most streams that an instance has under way at once. */
  readonly openStreams: number;
  /** Text of a stream is stored after so many milliseconds at the latest, */
  readonly streamStoreMs: number;
  /** and once there is so much of it, in UTF-16 units. */
  readonly streamStoreText: number;
  /** Readers are sent what has come of a stream at most once in so many milliseconds. */
  readonly streamPaceMs: number;
  /** Most answers that wait for a row to ride in, before they get one of their own. */
  readonly unsavedAnswers: number;
  /** Ephemeral state goes back to initial so long after the last connection has gone, in milliseconds. */
  readonly ephemeralMs: number;
}

/** Apart from the others, which a bundle for browsers leaves out. */
export const CLIENT_LIMITS: ClientLimits = {
  frameInBytes: 256 * 1024,
  assembledBytes: 128 * 1024 * 1024,
  depth: 64,
  pathSegments: 32,
  patchesPerClientPatch: 1_000,
  openSequences: 256,
  outboxActions: 1_000,
  outboxBytes: 1024 * 1024,
  keyBytes: 512,
  seenEveryBytes: 256 * 1024,
  presenceBytes: 1024,
  presenceEveryMs: 50,
};

/** Written out: esbuild keeps what it would have to compute, even where nobody needs it. */
const HOST_LIMITS: Omit<Limits, keyof ClientLimits> = {
  frameOutBytes: 1_048_576,
  messagesPerFrame: 1_024,
  valueBytes: 1_000_000,
  commitBytes: 8_000_000,
  resultBytes: 65_536,
  patchTurnMs: 1_000,
  writesPerAction: 100_000,
  effectsPerAction: 1_000,
  waitingActions: 1_000,
  clockSkewMs: 30_000,
  ratePerSecond: 50,
  rateBurst: 200,
  socketsPerPrincipal: 20,
  roomsPerPage: 256,
  waitingEvents: 1_000,
  roomMembers: 10_000,
  roomSenders: 10_000,
  roomCalls: 500,
  roomCallMs: 10_000,
  roomQueue: 1_000,
  roomHeldBytes: 16_777_216,
  metaBytes: 12_288,
  resumeVersions: 1_000,
  resumeBytes: 16_777_216,
  unseenBytes: 1_048_576,
  heldBytes: 33_554_432,
  rowBytes: 1_000_000,
  partBytes: 65_536,
  checkpointCommits: 256,
  checkpointCommitsPerPart: 64,
  checkpointPace: 8,
  answerRows: 128,
  reportedClients: 64,
  openStreams: 64,
  streamStoreMs: 250,
  streamStoreText: 16_384,
  streamPaceMs: 25,
  unsavedAnswers: 1_000,
  ephemeralMs: 60_000,
};

export const DEFAULT_LIMITS: Limits = /* @__PURE__ */ Object.assign({}, CLIENT_LIMITS, HOST_LIMITS);
