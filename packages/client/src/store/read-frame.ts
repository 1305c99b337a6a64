import {
  type AckMessage,
  applyPatches,
  type BusyMessage,
  type CommitMessage,
  type GapMessage,
  type PublishedMessage,
  type ReceivedMessage,
  type RejectMessage,
  type ServerMessage,
  type SnapshotMessage,
  type StaleMessage,
} from "@holdfast/protocol";

/** The server's truth: one version of one history. */
export type Confirmed = Omit<SnapshotMessage, "type">;

type Outcome = AckMessage | RejectMessage;
type Notice = BusyMessage | GapMessage | PublishedMessage | ReceivedMessage | StaleMessage;

/** A frame, read and checked: what is left to do cannot fail. */
export interface Frame {
  confirmed: Confirmed | undefined;
  isSnapshot: boolean;
  /** It answers `hello`. */
  isGreeting: boolean;
  /** Where the key is derived: how often the session had moved. */
  generation: number | undefined;
  readonly commits: CommitMessage[];
  readonly outcomes: Outcome[];
  readonly notices: Notice[];
}

/** What a frame is read by. */
interface Before {
  readonly confirmed: Confirmed | undefined;
  /** `hello` was answered. */
  readonly isGreeted: boolean;
  /** Whether an outbox of this name is here: answers for others are nobody's. */
  readonly knows: (client: string) => boolean;
}

/**
 * What a frame says, as one unit.
 *
 * @returns `undefined` if it does not follow from what is confirmed
 * @throws HoldfastError `PATCH_INVALID` for a commit that does not fit
 */
export function readFrame(messages: readonly ServerMessage[], before: Before): Frame | undefined {
  const frame: Frame = {
    confirmed: before.confirmed,
    isSnapshot: false,
    isGreeting: false,
    generation: undefined,
    commits: [],
    outcomes: [],
    notices: [],
  };
  for (const message of messages) if (!take(frame, message, before)) return undefined;
  return frame;
}

/** Whether the message follows from what was read so far. */
function take(frame: Frame, message: ServerMessage, { isGreeted, knows }: Before): boolean {
  switch (message.type) {
    case "snapshot": {
      const { type: _, ...snapshot } = message;
      frame.confirmed = snapshot;
      frame.isGreeting = frame.isSnapshot = true;
      break;
    }
    case "resume":
      frame.isGreeting = true;
      return frame.confirmed !== undefined && message.commits.every((one) => follow(frame, one));
    case "commit":
      // Before the answer to `hello` it says nothing that the answer will not say.
      return !(isGreeted || frame.isGreeting) || follow(frame, message);
    case "ack":
    case "reject":
      if (!knows(message.client)) break;
      frame.outcomes.push(message);
      // What was acknowledged must be there to be seen.
      return message.type === "reject" || message.version <= (frame.confirmed?.version ?? -1);
    case "bound":
      frame.generation = message.generation;
      break;
    case "busy":
    case "gap":
    case "received":
    case "published":
    case "stale":
      frame.notices.push(message);
      break;
  }
  return true;
}

/** Goes on by a commit; not if it is not the next one: nobody guesses. */
function follow(frame: Frame, commit: CommitMessage): boolean {
  const { confirmed } = frame;
  const { version, mark, patches } = commit;
  if (!confirmed || version !== confirmed.version + 1) return false;
  frame.confirmed = {
    ...confirmed,
    version,
    mark,
    state: applyPatches(confirmed.state, patches),
  };
  frame.commits.push(commit);
  return true;
}
