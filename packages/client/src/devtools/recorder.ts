import {
  applyPatches,
  type CommitMessage,
  decodeValue,
  encodePatches,
  FrameAssembler,
  type Patch,
  PONG_FRAME,
  type ServerMessage,
  utf8Length,
  type Value,
} from "@holdfast/protocol";

/** So much is kept of one instance; the oldest goes first. */
const MOST_ENTRIES = 300;
export const MOST_LATENCIES = 60;
/** An outbox holds no more, so older ones were given up. */
const MOST_OPEN = 1_000;

/** What has happened, as the timeline tells it. */
export interface Entry {
  readonly id: number;
  readonly at: number;
  readonly what: Commit | Snapshot | Emitted | Failure | Sent;
}

interface Commit {
  readonly type: "commit";
  readonly version: number;
  readonly patches: readonly Patch[];
  /** Of the patches, in UTF-8. */
  readonly bytes: number;
}

interface Snapshot {
  readonly type: "snapshot";
  readonly version: number;
  readonly bytes: number;
}

interface Emitted {
  readonly type: "event";
  readonly name: string;
  readonly data: unknown;
}

interface Failure {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
}

/** An action, or the patches of an update, from its sending on. */
interface Sent {
  readonly type: "action";
  readonly name: string;
  readonly payload: unknown;
  /** `undefined` while it is under way. */
  answer?: { readonly milliseconds: number; readonly error: string | undefined };
}

/** A state that was there before, to look at. */
export interface Version {
  readonly version: number;
  readonly state: Value;
  readonly before: Value | undefined;
}

interface Confirmed {
  readonly version: number;
  readonly state: Value;
}

/**
 * Writes down what goes over the link of one instance, from the frames alone: it knows no more than
 * the wire does, and the client does nothing for it.
 */
export class Recorder {
  readonly entries: Entry[] = [];
  /** How long the latest answers took, in milliseconds. */
  readonly latencies: number[] = [];
  #confirmed: Confirmed | undefined;
  readonly #versions: Version[] = [];
  readonly #open = new Map<string, { readonly sent: Sent; readonly at: number }>();
  #assembler = new FrameAssembler();
  #nextId = 1;

  /** @param confirmed what was there when the recording began */
  constructor(confirmed: Confirmed | undefined) {
    this.#take(confirmed);
  }

  /** The states of the recorded versions, oldest first. */
  get versions(): readonly Version[] {
    return this.#versions;
  }

  frame(text: string, isSent: boolean, now: number): void {
    if (text === PONG_FRAME) return;
    try {
      if (isSent) this.#sent(text, now);
      else {
        for (const message of this.#assembler.receive(text)) this.#received(message, text, now);
      }
    } catch {
      // What the client makes of it shows in its status; here it is one line less.
      this.#assembler = new FrameAssembler();
    }
  }

  #sent(text: string, at: number): void {
    // True because the client's own frames are what is looked at.
    const frame = JSON.parse(text) as SentMessage | readonly SentMessage[];
    for (const message of [frame].flat() as readonly SentMessage[]) {
      if (message.type === "hello") this.#assembler = new FrameAssembler();
      if (message.type !== "action" && message.type !== "patch") continue;
      const id = `${message.client}/${message.seq}`;
      if (this.#open.has(id)) continue;
      const { name = "update", payload, patches } = message;
      const sent: Sent = { type: "action", name, payload: patches ?? plain(payload) };
      this.#open.set(id, { sent, at });
      const [oldest = id] = this.#open.keys();
      if (this.#open.size > MOST_OPEN) this.#open.delete(oldest);
      this.#add(sent, at);
    }
  }

  #received(message: ServerMessage, text: string, at: number): void {
    switch (message.type) {
      case "snapshot":
        this.#take(message);
        this.#add({ type: "snapshot", version: message.version, bytes: utf8Length(text) }, at);
        break;
      case "resume":
        for (const commit of message.commits) this.#committed(commit, at);
        break;
      case "commit":
        this.#committed(message, at);
        break;
      case "ack":
        this.#answered(message, at, undefined);
        break;
      case "reject":
        this.#answered(message, at, `${message.error.code}: ${message.error.message}`);
        break;
      case "event":
        this.#add({ type: "event", name: message.event, data: message.data }, at);
        break;
      case "error":
        this.#add({ type: "error", ...message.error }, at);
        break;
    }
  }

  #committed({ version, patches }: CommitMessage, at: number): void {
    const before = this.#confirmed?.version === version - 1 ? this.#confirmed.state : undefined;
    const state = before === undefined ? undefined : applied(before, patches);
    if (state === undefined) this.#confirmed = undefined;
    else this.#take({ version, state }, before);
    const bytes = utf8Length(encodePatches(patches));
    this.#add({ type: "commit", version, patches, bytes }, at);
  }

  #answered(
    { client, seq }: { readonly client: string; readonly seq: number },
    at: number,
    error: string | undefined,
  ): void {
    const open = this.#open.get(`${client}/${seq}`);
    if (!open) return;
    this.#open.delete(`${client}/${seq}`);
    const milliseconds = at - open.at;
    open.sent.answer = { milliseconds, error };
    this.latencies.push(milliseconds);
    if (this.latencies.length > MOST_LATENCIES) this.latencies.shift();
  }

  #take(confirmed: Confirmed | undefined, before?: Value): void {
    this.#confirmed = confirmed && { version: confirmed.version, state: confirmed.state };
    if (!confirmed || this.#versions.at(-1)?.version === confirmed.version) return;
    this.#versions.push({ version: confirmed.version, state: confirmed.state, before });
    if (this.#versions.length > MOST_ENTRIES) this.#versions.shift();
  }

  #add(what: Entry["what"], at: number): void {
    this.entries.push({ id: this.#nextId++, at, what });
    if (this.entries.length > MOST_ENTRIES) this.entries.shift();
  }
}

/** As the client writes it: its own, so it is not checked. */
interface SentMessage {
  readonly type: string;
  readonly client?: string;
  readonly seq?: number;
  readonly name?: string;
  readonly payload?: unknown;
  readonly patches?: unknown;
}

/** As it was before it was encoded. */
function plain(payload: unknown): unknown {
  return payload === undefined ? undefined : decodeValue(JSON.stringify(payload));
}

function applied(state: Value, patches: readonly Patch[]): Value | undefined {
  try {
    return applyPatches(state, patches);
  } catch {
    return undefined;
  }
}
