import {
  applyPatches,
  type CommitMessage,
  encodeMessage,
  type HelloMessage,
  PROTOCOL_VERSION,
  type ServerMessage,
  type SnapshotMessage,
  type Value,
} from "@holdfast/protocol";
import {
  type Connection,
  type ConnectionMeta,
  newMeta,
  sessionIdentity,
} from "@holdfast/server/internal/host/connection";
import type { Host } from "@holdfast/server/internal/host/host";
import { boardText } from "./board-text.ts";
import { FrameReader } from "./frame-reader.ts";

/** One version of the server's state, as it was committed. */
export interface Version {
  readonly epoch: string;
  readonly version: number;
  readonly mark: string;
  readonly schema: string;
  readonly state: Value;
  /** The canonical encoding of `state`: equal exactly where the hashes are. */
  readonly text: string;
  /** The event of the disk that wrote it. */
  readonly event: number;
}

/** Of so many versions one is looked at from every side, which is most of what a history costs. */
const LOOK_EVERY = 4;

/**
 * Every version that the server ever had, by what clients know it by. After each event it asks the
 * host, as a connection that came for it: first for what is new, in patches, then for the whole
 * state; the two must agree.
 */
export class ServerHistory {
  readonly #versions = new Map<string, Version>();
  /** Versions inside a batch that the host could not look back on; they are known once they are sent. */
  readonly #between = new Map<string, Version>();
  readonly #abandoned = new Set<Version>();
  readonly #resumeVersions: number;
  readonly #breach: (what: string) => void;
  #head: Version | undefined;
  #seen: Host | undefined;
  /** The version at which the host's memory was looked at last. */
  #checked: Version | undefined;

  constructor(resumeVersions: number, breach: (what: string) => void) {
    this.#resumeVersions = resumeVersions;
    this.#breach = breach;
  }

  get head(): Version | undefined {
    return this.#head;
  }

  get size(): number {
    return this.#versions.size;
  }

  find(epoch: string, version: number, mark: string): Version | undefined {
    const key = keyOf({ epoch, version, mark });
    return this.#versions.get(key) ?? this.#between.get(key);
  }

  /** Takes down what the host has come to. `event`: what the disk counts. */
  observe(host: Host, event: number): void {
    const isFresh = host !== this.#seen;
    this.#seen = host;
    const before = this.#head;
    const isFollowed = before !== undefined && this.#follow(host, before, event);
    // What memory got wrong stays wrong, so that not every version has to be looked at.
    const isDue = this.#head !== this.#checked && (this.#head?.version ?? 0) % LOOK_EVERY === 0;
    if (!isFresh && isFollowed && !isDue) return;
    const answer = ask(host, undefined);
    const first = answer.find((message) => message.type === "snapshot");
    if (!first) {
      this.#breach("A newcomer is not given a snapshot");
      return;
    }
    // It may be one that somebody is reading still; what follows it brings it up to date.
    let snapshot: Omit<SnapshotMessage, "type"> = first;
    for (const { version, mark, patches } of commitsIn(answer)) {
      if (version !== snapshot.version + 1)
        this.#breach(`Version ${version} follows a snapshot of ${snapshot.version}`);
      const state = applyPatches(snapshot.state, patches);
      snapshot = { ...snapshot, version, mark, state };
    }
    this.#record(snapshot, boardText(snapshot.state), event);
    this.#checked = this.#head;
    if (!before || isFollowed || before.epoch !== snapshot.epoch) return;
    if (before.schema !== snapshot.schema) return;
    if (snapshot.version - before.version < this.#resumeVersions) {
      this.#breach(`[G9] Version ${before.version} is in the window, but gets a snapshot`);
    }
  }

  /** The process died: what it had committed and not made durable never was. */
  forgetAfter(durable: number): void {
    this.#seen = this.#head = undefined;
    for (const [key, version] of this.#versions) {
      if (version.event > durable) this.#versions.delete(key);
      else if (!this.#abandoned.has(version)) this.#head = version;
    }
  }

  /** The disk went back to a copy of `head`: whatever came behind it is on no branch any more. */
  branch(head: Version): void {
    for (const version of [...this.#versions.values(), ...this.#between.values()]) {
      if (version.event > head.event) this.#abandoned.add(version);
    }
    this.#seen = undefined;
    this.#head = head;
  }

  /** Whether the disk went back behind this version. */
  isAbandoned(version: Version): boolean {
    return this.#abandoned.has(version);
  }

  /** A commit is being sent. A batch may be longer than what the host can look back on. */
  overhear({ version, mark, patches }: CommitMessage, event: number): void {
    const head = this.#head;
    if (head && version <= head.version) this.#fill({ version, mark, patches });
    if (!head || version !== head.version + 1) return;
    const { epoch, schema } = head;
    const state = applyPatches(head.state, patches);
    this.#record({ epoch, version, mark, schema, state }, boardText(state), event);
  }

  /** A reader who is slow is told what the host cannot look back on: it must lead to what is known. */
  #fill({ version, mark, patches }: Omit<CommitMessage, "type">): void {
    const known = [...this.#versions.values(), ...this.#between.values()].filter(
      (one) => one.epoch === this.#head?.epoch && !this.#abandoned.has(one),
    );
    const before = known.findLast((one) => one.version === version - 1);
    const last = known.find((one) => one.version >= version);
    if (!before || !last) return;
    const state = applyPatches(before.state, patches);
    const text = boardText(state);
    const same = known.find((one) => one.version === version && one.mark === mark);
    if (same && same.text !== text) {
      this.#breach(`[G6] Version ${version} is sent as ${text}, and is ${same.text}`);
    }
    if (same) return;
    const { epoch, schema, event } = last;
    const one = { epoch, version, mark, schema, state, text, event };
    this.#between.set(keyOf(one), one);
  }

  /** Follows the commits since `before`; false where the host gives no such thing. */
  #follow(host: Host, before: Version, event: number): boolean {
    const answer = ask(host, before);
    if (!answer.some(({ type }) => type === "resume")) return false;
    let { state, version } = before;
    for (const commit of commitsIn(answer)) {
      if (commit.version !== ++version)
        this.#breach(`Version ${commit.version} follows ${version - 1}`);
      const { epoch, schema } = before;
      const { mark } = commit;
      const known = this.find(epoch, version, mark);
      if (known?.schema === schema && version % LOOK_EVERY !== 0) {
        // Overheard when it was sent; what is told to who resumes is looked at now and then.
        state = known.state;
        this.#head = known;
        continue;
      }
      state = applyPatches(state, commit.patches);
      this.#record({ epoch, version, mark, schema, state }, boardText(state), event);
    }
    return true;
  }

  #record(
    { epoch, version, mark, schema, state }: Omit<SnapshotMessage, "type">,
    text: string,
    event: number,
  ): void {
    const key = keyOf({ epoch, version, mark });
    const known = this.#versions.get(key);
    if (known && known.text !== text) {
      this.#breach(
        `[G6] [G11] Version ${version} is not what it was: ${text} instead of ${known.text}`,
      );
    }
    // Other code calls the same version's shape by another name.
    if (known?.schema === schema) this.#head = known;
    else this.#head = { epoch, version, mark, schema, state, text, event: known?.event ?? event };
    // At the end, so that the newest is last.
    this.#versions.delete(key);
    this.#versions.set(key, this.#head);
  }
}

function keyOf({ epoch, version, mark }: { epoch: string; version: number; mark: string }): string {
  return `${epoch}/${version}/${mark}`;
}

/** What the host answers to a `hello` at `from`. */
function ask(host: Host, from: Version | undefined): ServerMessage[] {
  const connection = new Listener();
  const hello: HelloMessage = { type: "hello", protocol: PROTOCOL_VERSION, clients: [] };
  host.connect(connection);
  host.receive(
    connection,
    encodeMessage(
      from
        ? {
            ...hello,
            epoch: from.epoch,
            version: from.version,
            mark: from.mark,
            schema: from.schema,
          }
        : hello,
    ),
  );
  const reader = new FrameReader();
  const messages: ServerMessage[] = [];
  // What waits comes when the rest is seen.
  while (connection.frames.length > 0) {
    let read = 0;
    for (const frame of connection.frames.splice(0)) {
      messages.push(...reader.receive(frame));
      read += frame.length;
    }
    host.receive(connection, encodeMessage({ type: "seen", read }));
  }
  host.disconnect(connection);
  return messages;
}

function commitsIn(messages: readonly ServerMessage[]): CommitMessage[] {
  return messages.flatMap((message) => {
    if (message.type === "resume") return message.commits;
    return message.type === "commit" ? [message] : [];
  });
}

class Listener implements Connection {
  meta: ConnectionMeta = newMeta(sessionIdentity("the world itself"));
  readonly frames: string[] = [];

  remember(meta: ConnectionMeta): void {
    this.meta = meta;
  }

  send(frame: string): void {
    this.frames.push(frame);
  }

  close(code: number, reason: string): void {
    throw new Error(`The host closes the world's own connection: ${code} ${reason}`);
  }
}
