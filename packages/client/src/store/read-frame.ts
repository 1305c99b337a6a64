import {
  applyPatches,
  type CommitMessage,
  type ServerMessage,
  type SnapshotMessage,
} from "@holdfast/protocol";

/** The server's truth: one version of one history. */
export type Confirmed = Omit<SnapshotMessage, "type">;

/** What a frame makes of the server's truth. */
export interface Frame {
  confirmed: Confirmed | undefined;
  isSnapshot: boolean;
  /** It answers `hello`. */
  isGreeting: boolean;
  readonly commits: CommitMessage[];
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
 * Where a frame leads, as one unit: what is left to do cannot fail.
 *
 * @returns `undefined` if it does not follow from what is confirmed
 * @throws HoldfastError `PATCH_INVALID` for a commit that does not fit
 */
export function readFrame(
  messages: readonly ServerMessage[],
  { confirmed, isGreeted, knows }: Before,
): Frame | undefined {
  const frame: Frame = { confirmed, isSnapshot: false, isGreeting: false, commits: [] };
  for (const message of messages) {
    if (message.type === "snapshot") {
      const { type: _, ...snapshot } = message;
      frame.confirmed = snapshot;
      frame.isGreeting = frame.isSnapshot = true;
    } else if (message.type === "resume") {
      frame.isGreeting = true;
      if (!frame.confirmed || !message.commits.every((one) => follow(frame, one))) return undefined;
    } else if (message.type === "commit") {
      // Before the answer to `hello` it says nothing that the answer will not say.
      if ((isGreeted || frame.isGreeting) && !follow(frame, message)) return undefined;
    } else if (message.type === "ack" && knows(message.client)) {
      // What was acknowledged must be there to be seen.
      if (message.version > (frame.confirmed?.version ?? -1)) return undefined;
    }
  }
  return frame;
}

/** Goes on by a commit; not if it is not the next one: nobody guesses. */
function follow(frame: Frame, commit: CommitMessage): boolean {
  const { confirmed } = frame;
  const { version, mark, patches } = commit;
  if (!confirmed || version !== confirmed.version + 1) return false;
  const state = applyPatches(confirmed.state, patches);
  frame.confirmed = { ...confirmed, version, mark, state };
  frame.commits.push(commit);
  return true;
}
