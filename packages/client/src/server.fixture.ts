import {
  type ActionMessage,
  applyPatches,
  type ClientMessage,
  type CommitMessage,
  encodeMessage,
  HoldfastError,
  type HelloMessage,
  type Patch,
  type PatchMessage,
  type ServerMessage,
  type SnapshotMessage,
  type Value,
} from "@holdfast/protocol";
import type { FakeSocket } from "./socket.fixture.ts";

/** No action has this name. */
const PATCH = "";

/** What an action does: its patches and its result, or a refusal, thrown. */
export type Action = (state: never, payload: never) => { patches: Patch[]; result?: Value };

type Answer =
  | { readonly type: "ack"; readonly version: number; readonly result?: Value }
  | { readonly type: "reject"; readonly error: { code: "REFUSED"; message: string } };

interface Client {
  settled: number;
  last: number;
  readonly answers: Map<number, Answer>;
}

/**
 * One instance on a server of a few lines, which keeps the rules of the wire that a client may count
 * on: one history, every sequence once and in order, answers behind their commits in one frame.
 */
export class TestServer {
  readonly epoch = "epoch-1";
  readonly schema = "schema-1";
  version = 0;
  mark = "";
  state: Value;
  readonly commits: CommitMessage[] = [];
  readonly #actions: Record<string, Action>;
  readonly #clients = new Map<string, Client>();
  readonly #listeners = new Set<FakeSocket>();

  constructor(state: Value, actions: Record<string, Action>) {
    this.state = state;
    this.#actions = actions;
  }

  /** Opens a client's socket and answers its `hello`. */
  accept(socket: FakeSocket): void {
    socket.open();
    this.handle(socket);
  }

  /** Handles the frames that the socket has sent since; each is answered by one frame. */
  handle(socket: FakeSocket): void {
    for (const frame of socket.take()) {
      const replies = this.answer(socket, frame);
      if (replies.length > 0) socket.deliver(...replies);
    }
  }

  /** How far a client has said that everything is settled. */
  settledOf(client: string): number | undefined {
    return this.#clients.get(client)?.settled;
  }

  /** What one frame is answered by; nothing is delivered to its sender yet. */
  answer(socket: FakeSocket, frame: readonly ClientMessage[]): ServerMessage[] {
    const replies: ServerMessage[] = [];
    for (const message of frame) {
      if (message.type === "hello") replies.push(...this.#greet(socket, message));
      else if (message.type === "action") replies.push(...this.#act(socket, message));
      else if (message.type === "patch") replies.push(...this.#patch(socket, message));
    }
    return replies;
  }

  /** Commits what somebody else did. */
  commit(...patches: Patch[]): CommitMessage {
    return this.#commit(patches, undefined);
  }

  snapshot(): SnapshotMessage {
    const { epoch, version, mark, schema, state } = this;
    return { type: "snapshot", epoch, version, mark, schema, state };
  }

  #greet(socket: FakeSocket, { clients, epoch, version, mark }: HelloMessage): ServerMessage[] {
    const wasGreeted = this.#listeners.has(socket);
    this.#listeners.add(socket);
    const known = version === 0 ? "" : this.commits[(version ?? 0) - 1]?.mark;
    const replies: ServerMessage[] =
      epoch === this.epoch && version !== undefined && mark === known
        ? [{ type: "resume", commits: wasGreeted ? [] : this.commits.slice(version) }]
        : [this.snapshot()];
    for (const { id, settled } of clients) {
      const client = this.#client(id, settled);
      client.settled = Math.max(client.settled, settled);
      for (const [seq, answer] of client.answers) {
        if (seq > settled) replies.push({ ...answer, client: id, seq });
      }
    }
    return replies;
  }

  /** As an action that makes those patches: here nobody's are ever stale. */
  #patch(socket: FakeSocket, { patches, ...message }: PatchMessage): ServerMessage[] {
    const { client, seq, settled } = message;
    return this.#act(socket, { type: "action", client, seq, settled, name: PATCH }, () => ({
      patches: [...patches],
    }));
  }

  #act(
    socket: FakeSocket,
    { client: id, seq, settled, name, payload }: ActionMessage,
    action: Action | undefined = this.#actions[name],
  ): ServerMessage[] {
    const client = this.#client(id, settled);
    client.settled = Math.max(client.settled, settled);
    if (seq <= client.settled) return [];
    const stored = client.answers.get(seq);
    if (stored) return [{ ...stored, client: id, seq }];
    if (seq !== client.last + 1) return [{ type: "gap", client: id, seq: client.last + 1 }];
    client.last = seq;
    let answer: Answer;
    const replies: ServerMessage[] = [];
    try {
      if (!action) throw new HoldfastError("REFUSED", `no action ${name}`);
      const { patches, result } = action(this.state as never, payload as never);
      if (patches.length > 0) replies.push(this.#commit(patches, socket));
      answer = { type: "ack", version: this.version, ...(result === undefined ? {} : { result }) };
    } catch (error) {
      answer = { type: "reject", error: { code: "REFUSED", message: String(error) } };
    }
    client.answers.set(seq, answer);
    return [...replies, { ...answer, client: id, seq }];
  }

  #commit(patches: Patch[], sender: FakeSocket | undefined): CommitMessage {
    this.version++;
    this.mark = `mark-${this.version}`;
    const { version, mark } = this;
    const commit: CommitMessage = { type: "commit", version, mark, patches };
    this.state = applyPatches(this.state, patches);
    this.commits.push(commit);
    const text = encodeMessage(commit);
    for (const socket of this.#listeners) {
      if (socket !== sender && socket.readyState === 1) socket.deliverText(text);
    }
    return commit;
  }

  #client(id: string, settled: number): Client {
    let client = this.#clients.get(id);
    if (!client) this.#clients.set(id, (client = { settled, last: settled, answers: new Map() }));
    return client;
  }
}
