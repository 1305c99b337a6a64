import {
  type ActionMessage,
  applyPatches,
  type CommitMessage,
  encodeMessage,
  FrameAssembler,
  type HelloMessage,
  isTerminalClose,
  joinFrame,
  PROTOCOL_VERSION,
  type ServerMessage,
  type SnapshotMessage,
  type Value,
  type WireError,
} from "@holdfast/protocol";
import type { WebSocket } from "ws";

/** What a client is told of one of its actions. */
export type WireAnswer =
  | { readonly type: "ack"; readonly version: number; readonly result: Value | undefined }
  | { readonly type: "reject"; readonly error: WireError };

/** Who watches a client: everything that a proof judges by. */
export interface WireObserver {
  answered(client: WireClient, seq: number, answer: WireAnswer): void;
  /** A commit that was applied to the replica. */
  applied?(client: WireClient, commit: CommitMessage): void;
  /** The server cut the client off for reading too slowly; it comes back and converges. */
  cutOff?(client: WireClient): void;
  /** A rule of the protocol that the server broke. */
  broken(client: WireClient, what: string): void;
}

export interface WireClientOptions {
  readonly id: string;
  /** Most sequences that are open on the wire at a time. */
  readonly window: number;
  /** What queued up goes out as one frame once the last is answered; otherwise each action at once. */
  readonly batched: boolean;
  readonly openSocket: () => WebSocket;
  readonly observer: WireObserver;
}

/**
 * A client of the protocol with nothing on top: an outbox, a replica, and every open sequence sent
 * again after a reconnect. It speaks raw frames, so that proofs do not lean on the client package.
 */
export class WireClient {
  readonly id: string;
  readonly #options: WireClientOptions;
  /** Everything unanswered, in sequence. */
  readonly #outbox = new Map<number, ActionMessage>();
  #assembler = new FrameAssembler();
  #socket: WebSocket | undefined;
  #live = false;
  #nextSeq = 1;
  /** The next sequence that this socket has not carried yet. */
  #unsent = 1;
  #settled = 0;
  #bytesSinceSeen = 0;
  #busyTimer: NodeJS.Timeout | undefined;
  #replica: Omit<SnapshotMessage, "type"> | undefined;

  constructor(options: WireClientOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** What this client would show: the server's state at some version. */
  get replica(): Omit<SnapshotMessage, "type"> | undefined {
    return this.#replica;
  }

  get unanswered(): number {
    return this.#outbox.size;
  }

  get live(): boolean {
    return this.#live;
  }

  /** Queues an action and returns its sequence; it goes out as soon as window and frames allow. */
  dispatch(name: string, payload: Value): number {
    const seq = this.#nextSeq++;
    const { id: client } = this;
    this.#outbox.set(seq, { type: "action", client, seq, settled: 0, name, payload });
    this.#flush();
    return seq;
  }

  /** Resolves once `hello` is answered; rejects when the socket closes before. */
  connect(): Promise<void> {
    this.disconnect();
    const socket = this.#options.openSocket();
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      socket.on("open", () => socket.send(encodeMessage(this.#hello())));
      socket.on("message", (data) => {
        if (this.#socket !== socket) return;
        this.#receive(String(data));
        if (this.#live) resolve();
      });
      socket.on("close", (code, reason) => {
        if (this.#socket === socket) this.#dropped();
        if (isTerminalClose(code)) {
          this.#options.observer.broken(this, `terminal close ${code} ${String(reason)}`);
        }
        reject(new Error(`the socket closed with ${code} before hello was answered`));
      });
      // A close always follows, and says the same.
      socket.on("error", () => undefined);
    });
  }

  disconnect(): void {
    const socket = this.#socket;
    this.#dropped();
    socket?.terminate();
  }

  #dropped(): void {
    this.#socket = undefined;
    this.#live = false;
    clearTimeout(this.#busyTimer);
    this.#busyTimer = undefined;
  }

  #hello(): HelloMessage {
    this.#assembler = new FrameAssembler();
    this.#bytesSinceSeen = 0;
    const clients = [{ id: this.id, settled: this.#settled }];
    const hello = { type: "hello", protocol: PROTOCOL_VERSION, clients } as const;
    if (this.#replica === undefined) return hello;
    const { epoch, version, mark, schema } = this.#replica;
    return { ...hello, epoch, version, mark, schema };
  }

  #receive(text: string): void {
    for (const message of this.#assembler.receive(text)) this.#handle(message);
    this.#confirmSeen(text.length);
    this.#flush();
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot": {
        const { type: _, ...replica } = message;
        this.#replica = replica;
        return this.#resend();
      }
      case "resume":
        for (const commit of message.commits) this.#apply(commit);
        return this.#resend();
      case "commit":
        return this.#apply(message);
      case "ack":
        return this.#answer(message.client, message.seq, {
          type: "ack",
          version: message.version,
          result: message.result,
        });
      case "reject":
        return this.#answer(message.client, message.seq, { type: "reject", error: message.error });
      case "gap":
        this.#unsent = this.#settled + 1;
        return;
      case "busy":
        return this.#holdBack(message.seq, message.retryAfter);
      case "error":
        if (message.error.code === "SLOW_READER") return this.#options.observer.cutOff?.(this);
        return this.#options.observer.broken(this, `error ${message.error.code}`);
      case "chunk":
        throw new Error("the assembler hands out whole frames, not chunks");
    }
  }

  #apply(commit: CommitMessage): void {
    const replica = this.#replica;
    if (replica === undefined || commit.version !== replica.version + 1) {
      const at = replica === undefined ? "no state" : `version ${replica.version}`;
      return this.#options.observer.broken(this, `commit ${commit.version} came at ${at}`);
    }
    let state: Value;
    try {
      state = applyPatches(replica.state, commit.patches);
    } catch (error) {
      return this.#options.observer.broken(
        this,
        `commit ${commit.version} does not fit: ${String(error)}`,
      );
    }
    this.#replica = { ...replica, version: commit.version, mark: commit.mark, state };
    this.#options.observer.applied?.(this, commit);
  }

  #answer(client: string, seq: number, answer: WireAnswer): void {
    const { observer } = this.#options;
    if (client !== this.id) return observer.broken(this, `an answer for client ${client} came`);
    if (!this.#outbox.delete(seq)) {
      // A stored answer that crossed the first one on the way is told again only after a hello.
      if (seq > this.#settled) return observer.broken(this, `sequence ${seq} was answered twice`);
      return;
    }
    while (this.#settled + 1 < this.#nextSeq && !this.#outbox.has(this.#settled + 1)) {
      this.#settled++;
    }
    observer.answered(this, seq, answer);
  }

  /** After the answer to `hello`, everything that is still open goes out again. */
  #resend(): void {
    this.#live = true;
    this.#unsent = this.#settled + 1;
  }

  #holdBack(seq: number, retryAfter: number): void {
    this.#unsent = Math.min(this.#unsent, seq);
    if (this.#busyTimer !== undefined) return;
    this.#busyTimer = setTimeout(() => {
      this.#busyTimer = undefined;
      this.#flush();
    }, retryAfter);
  }

  #flush(): void {
    const { batched, window } = this.#options;
    if (!this.#live || this.#busyTimer !== undefined) return;
    // One frame at a time: what was sent and is unanswered holds the rest back.
    if (batched && this.#firstOpen() < this.#unsent) return;
    const frame: string[] = [];
    let length = 0;
    const last = Math.min(this.#nextSeq, this.#firstOpen() + window);
    for (; this.#unsent < last; this.#unsent++) {
      const action = this.#outbox.get(this.#unsent);
      if (action === undefined) continue;
      const text = encodeMessage({ ...action, settled: this.#settled });
      if (!batched) {
        this.#socket?.send(text);
        continue;
      }
      if (length > 0 && length + text.length > FRAME_CHARACTERS) break;
      frame.push(text);
      length += text.length;
    }
    if (frame.length > 0) this.#socket?.send(joinFrame(frame));
  }

  #firstOpen(): number {
    return this.#settled + 1;
  }

  #confirmSeen(length: number): void {
    this.#bytesSinceSeen += length;
    if (this.#bytesSinceSeen < SEEN_EVERY_CHARACTERS) return;
    this.#socket?.send(encodeMessage({ type: "seen", read: this.#bytesSinceSeen }));
    this.#bytesSinceSeen = 0;
  }
}

/** Proofs send ASCII, where characters are bytes; below the limit of a frame. */
const FRAME_CHARACTERS = 200 * 1024;
const SEEN_EVERY_CHARACTERS = 256 * 1024;
