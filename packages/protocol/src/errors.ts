/**
 * Every error code of Holdfast.
 * A message is written where the error happens: what happened, the likely cause, what to do.
 */
export const ERROR_CODES = {
  /** The frame is not JSON of this protocol. */
  MALFORMED_FRAME: {},
  /** The frame is larger than its limit. */
  FRAME_TOO_LARGE: {},
  /** Client and server speak different protocol numbers. */
  PROTOCOL_UNSUPPORTED: {},
  /** No module of that name. */
  UNKNOWN_MODULE: {},
  /** The module has no action of that name. */
  UNKNOWN_ACTION: {},
  /** The key is missing, not wanted, too long or not well-formed. */
  KEY_INVALID: {},
  /** The session is missing, forged, foreign or over. */
  SESSION_INVALID: {},
  /** `authenticate` refused the token, or the token ran out; or nobody is logged in where somebody has to be. */
  UNAUTHENTICATED: {},
  /** What is kept with a connection (its user, its meta) is over its limit. */
  META_TOO_LARGE: {},
  /** The page's origin may not connect. */
  ORIGIN_FORBIDDEN: {},
  /** `allow` said no. */
  FORBIDDEN: {},
  /** More sockets of one principal at one instance than allowed. */
  TOO_MANY_SOCKETS: {},
  /** A room has as many members as it may have. */
  ROOM_FULL: {},
  /** The connection left more bytes unread than allowed. */
  SLOW_READER: {},
  /** A value that state, payloads and results cannot hold. */
  VALUE_UNSUPPORTED: {},
  /** A value nested deeper than allowed, or a cycle. */
  VALUE_TOO_DEEP: {},
  /** One encoded value over its limit. */
  VALUE_TOO_LARGE: {},
  /** One commit over its limit. */
  COMMIT_TOO_LARGE: {},
  /** The result of an action over its limit. */
  RESULT_TOO_LARGE: {},
  /** A client patch at a place that the module does not let clients write. */
  WRITE_FORBIDDEN: {},
  /** A patch that cannot apply to the state at hand. */
  PATCH_INVALID: {},
  /** A statement, a value or a name that the instance's database is not given. */
  SQL_INVALID: {},
  /** An action that wrote more often than allowed. */
  TOO_MANY_WRITES: {},
  /** What the action read or wrote was changed by another one. */
  CONFLICT: {},
  /** An action called one of an instance that waits for it: they would wait for each other. */
  REENTRANT: {},
  /** The action took longer than its timeout. */
  TIMEOUT: {},
  /** The server stopped while the action ran, after a part of it was published. */
  INTERRUPTED: {},
  /** The key of a module may change only at the end of an action that a connection sent. */
  KEY_CHANGE: {},
  /** The session has moved to another key before the action was started. */
  KEY_CHANGED: {},
  /** An action that changes the key wrote at a position of an array. */
  KEY_CHANGE_WRITE: {},
  /** Tracked state used after its action ended. */
  ENDED: {},
  /** The stream that an action writes to was ended, or begun anew, by another action. */
  CANCELLED: {},
  /** A handler defined as synchronous returned a promise. */
  ASYNC_HANDLER: {},
  /** The arguments of an action are not valid. */
  INPUT_INVALID: {},
  /** What an action throws to refuse, with a message for the caller. */
  REFUSED: {},
  /** A handler threw; the details stay on the server. */
  ACTION_FAILED: {},
  /** Overload, or storage that failed for the moment: nothing was decided. */
  BUSY: {},
  /** The client's outbox is full. */
  OUTBOX_FULL: {},
  /** The client was closed while the action was unanswered. */
  CLOSED: {},
  /** The action was given up before it was sent: the user changed, or the client was cleared. */
  DISCARDED: {},
  /** The server no longer knows what became of the action. */
  OUTCOME_UNKNOWN: {},
  /** Storage refused a write. */
  STORAGE_FAILED: {},
  /** Stored state that cannot be read. */
  RESTORE_FAILED: {},
  /** What is to be imported is no backup of this module, or damaged. */
  IMPORT_INVALID: {},
  /** State stored by a newer version of the module than the code at hand. */
  SCHEMA_TOO_NEW: {},
  /** The definition of a module, or the configuration, is wrong. */
  DEFINITION_INVALID: {},
  /** An invariant of Holdfast itself is broken. */
  INTERNAL: {},
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** How an error crosses the wire: never a stack, never internals. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * The one error class of Holdfast. Throw `new HoldfastError("REFUSED", "…")` in an action to refuse
 * it with a message that the caller sees; any other error reaches the caller as `ACTION_FAILED`.
 *
 * What the client itself has to say it says in full in development; in a production build, which
 * leaves explanations out (`EXPLAIN`), the message is little more than the code.
 */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly code: ErrorCode;

  /** @param message `false`: the explanation was left out */
  constructor(code: ErrorCode, message: string | false, options?: ErrorOptions) {
    super(message === false ? `${code} (a development build says more)` : message, options);
    this.code = code;
  }
}
