import { type CommitMessage, type Limits, type ServerMessage } from "@holdfast/protocol";
import { Journal } from "@holdfast/server/internal/storage/journal";
import { type PageAction, SECRET } from "./board.ts";
import type { Disk } from "./disk.ts";
import { FrameReader } from "./frame-reader.ts";
import { isEdit } from "./page.ts";
import type { Output, ServerSocket } from "./server-end.ts";

export interface SendAuditOptions {
  readonly disk: Disk;
  readonly limits: Limits;
  /** The label of the page at the other end. */
  readonly pageOf: (socket: ServerSocket) => string;
  /** Every client id that there ever was. */
  readonly clients: ReadonlySet<string>;
  /** What was sent under this number. */
  readonly actionOf: (of: {
    readonly client: string;
    readonly seq: number;
  }) => PageAction | undefined;
  /** Whether a handler has written what it has not published yet. */
  readonly isWaitedFor: () => boolean;
  /** A commit is sent as news, not to make up for what was missed. */
  readonly onCommit: (commit: CommitMessage) => void;
  readonly breach: (what: string) => void;
}

/** Looks at every frame as the host sends it. */
export class SendAudit {
  readonly #options: SendAuditOptions;
  readonly #readers = new WeakMap<ServerSocket, FrameReader>();
  /** What is known to be stored by this process. */
  #stored = "";
  /** A journal opened on what the disk held at this revision. */
  #opened: { readonly revision: number; readonly journal: Journal } | undefined;

  constructor(options: SendAuditOptions) {
    this.#options = options;
  }

  sending(socket: ServerSocket, output: Output): void {
    if (output.type !== "frame") return;
    this.#expectNothingForeign(socket, output.text);
    let reader = this.#readers.get(socket);
    if (!reader) {
      reader = new FrameReader(this.#options.limits);
      this.#readers.set(socket, reader);
    }
    const messages = reader.receive(output.text);
    if (messages.length > 0) this.#expectStored(socket, messages);
    // What is told to a slow reader was true when it was said.
    if (socket.attachment.behind || output.text.startsWith('{"type":"chunk"')) return;
    for (const message of messages) if (message.type === "received") this.#expectReason(message);
  }

  /** The process is gone; what was stored may be gone, too. */
  restart(): void {
    this.#stored = "";
  }

  /** [G15] Nothing that is only another connection's: client id, or result. */
  #expectNothingForeign(socket: ServerSocket, text: string): void {
    const { breach, clients, pageOf } = this.#options;
    const own = socket.attachment.clients ?? [];
    for (const client of clients) {
      if (!own.includes(client) && text.includes(client)) {
        breach(`[G15] ${pageOf(socket)} is sent another's client id: ${text}`);
      }
    }
    const secret = `${SECRET}${pageOf(socket)}.`;
    for (const [found] of text.matchAll(new RegExp(`${SECRET}\\w+\\.`, "g"))) {
      if (found !== secret) breach(`[G15] ${pageOf(socket)} is sent another's result: ${text}`);
    }
  }

  /** [G1] Nothing is sent before its write: a process that started now would know of it. */
  #expectStored(socket: ServerSocket, messages: readonly ServerMessage[]): void {
    const commits = messages.filter((message) => message.type === "commit");
    for (const commit of commits) this.#options.onCommit(commit);
    const answers = messages.filter(({ type }) => type === "ack" || type === "reject");
    const last = commits.at(-1);
    if (!last && answers.length === 0) return;
    // Told to many, looked at once.
    if (answers.length === 0 && last?.mark === this.#stored) return;
    const { breach } = this.#options;
    const journal = this.#open();
    if (last) {
      this.#stored = last.mark;
      // An older one is told to somebody who reads slowly.
      const isNewest = last.version === journal.version;
      if (journal.version < last.version || (isNewest && journal.mark !== last.mark)) {
        breach(`[G1] Version ${last.version} is sent, and version ${journal.version} is stored`);
      }
    }
    for (const message of messages) {
      if (message.type !== "ack" && message.type !== "reject") continue;
      if (message.type === "ack" && message.version > journal.version) {
        breach(
          `[G1] An ack of version ${message.version} is sent, and ${journal.version} is stored`,
        );
      }
      const name = this.#options.actionOf(message);
      // What changes nothing is acknowledged without a row.
      if (message.type === "ack" && (!name || !isEdit({ name }))) continue;
      const record = journal.client(socket.attachment.principal, message.client);
      if (record && message.seq <= record.settled) continue;
      if (!record?.answers.some(([seq]) => seq === message.seq)) {
        breach(`[G1] The answer to ${message.seq} is sent, and is not stored`);
      }
    }
  }

  /** [G5] A synchronous action waits only for somebody who has written, and not published. */
  #expectReason(message: { readonly client: string; readonly seq: number }): void {
    const name = this.#options.actionOf(message);
    const isSynchronous = name === "edit" || name === "peek" || name === "waver";
    if (isSynchronous && !this.#options.isWaitedFor())
      this.#options.breach(`[G5] The synchronous action ${message.seq} waits, and for nobody`);
  }

  /** What a process would find that started now. */
  #open(): Journal {
    const { disk, limits } = this.#options;
    const { revision } = disk;
    if (this.#opened?.revision !== revision) {
      const journal = Journal.open(disk, { limits, now: () => 0, epoch: "none" });
      this.#opened = { revision, journal };
    }
    return this.#opened.journal;
  }
}
