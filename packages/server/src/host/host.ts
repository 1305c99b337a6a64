import {
  type ActionMessage,
  type ClientMessage,
  CloseCode,
  decodeClientFrame,
  encodeAnswer,
  encodeMessage,
  type HelloMessage,
  HoldfastError,
  type Limits,
  PROTOCOL_VERSION,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { StateTree } from "../state/state-tree.ts";
import { Journal } from "../storage/journal.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { Audience } from "./audience.ts";
import { closeWith } from "./close.ts";
import { Committer } from "./commit.ts";
import type { Connection } from "./connection.ts";
import type { Call } from "./call.ts";
import { guard } from "./guard.ts";
import { Doorkeeper } from "./intake.ts";
import type { News } from "./news.ts";
import type { Platform } from "./platform.ts";
import { mergeInitial, restoredState } from "./restore.ts";
import { Runner } from "./runner.ts";
import { schemaId } from "./schema-id.ts";
import { Sequences } from "./sequences.ts";
import { Turn } from "./turn.ts";

/** 72 random bits: no two histories share an epoch. */
const EPOCH_CHARACTERS = 12;

/** What a host is made of. */
export interface HostOptions {
  readonly module: ModuleDefinition;
  /** What storage calls the module. */
  readonly name: string;
  /** The instance's key; `""` where there is one instance. */
  readonly key: string;
  readonly sql: SqlPort;
  readonly platform: Platform;
  readonly limits: Limits;
  /** The Worker's environment, for actions. */
  readonly env: unknown;
}

/**
 * Runs one instance of a module: takes frames in, has their actions committed, tells everybody. One
 * event is handled to its end before the next begins.
 */
export class Host {
  readonly #platform: Platform;
  readonly #limits: Limits;
  readonly #journal: Journal;
  readonly #tree: StateTree;
  readonly #sequences: Sequences;
  readonly #committer: Committer;
  readonly #module: ModuleDefinition;
  readonly #doorkeeper: Doorkeeper;
  readonly #turn: Turn;
  readonly #runner: Runner;
  readonly #audience: Audience;
  readonly #schema: string;
  /** Collects what there is to tell while a frame is taken in. */
  #news: News[] | undefined;
  /** The snapshot message of one version, for clients that connect one after another. */
  #snapshot: { readonly version: number; readonly text: string } | undefined;

  /**
   * Restores the instance.
   *
   * @throws HoldfastError `RESTORE_FAILED`, `SCHEMA_TOO_NEW` or `STORAGE_FAILED`; storage is as before
   */
  constructor({ module, name, key, sql, platform, limits, env }: HostOptions) {
    this.#platform = platform;
    this.#limits = limits;
    this.#journal = Journal.open(sql, {
      limits,
      now: () => platform.now(),
      epoch: platform.token(EPOCH_CHARACTERS),
    });
    const stored = this.#journal.restore();
    this.#tree = new StateTree(restoredState(module, stored), { limits });
    this.#sequences = new Sequences(this.#journal, limits.openSequences);
    this.#committer = new Committer({
      tree: this.#tree,
      journal: this.#journal,
      sequences: this.#sequences,
      platform,
      limits,
      meta: { module: name, key, schema: module.version },
    });
    this.#module = module;
    this.#doorkeeper = new Doorkeeper(this.#sequences, platform, limits);
    this.#turn = new Turn(platform, limits.waitingActions);
    this.#runner = new Runner({
      env,
      tree: this.#tree,
      committer: this.#committer,
      sequences: this.#sequences,
      turn: this.#turn,
      platform,
      tell: (news) => this.#tell(news),
    });
    this.#audience = new Audience(limits);
    this.#schema = schemaId(module);
    if (stored !== undefined) this.#mergeInitial(module);
  }

  /** Takes a connection in, new or back from hibernation. */
  connect(connection: Connection): void {
    try {
      this.#audience.add(connection);
    } catch (error) {
      this.#refuse(connection, error);
      return;
    }
    // A socket may outlive the code that greeted it; what it holds may then have another shape.
    if (connection.meta.clients && !this.#isCurrent(connection)) {
      this.#bringUpToDate(connection);
      this.#audience.answer(connection, [this.#takeSnapshot()]);
    }
  }

  disconnect(connection: Connection): void {
    this.#audience.remove(connection);
    const { principal, clients = [] } = connection.meta;
    for (const client of clients) {
      if (this.#audience.speakersFor(principal, client).length > 0) continue;
      this.#sequences.forget(principal, client);
    }
  }

  /**
   * Resolves when the asynchronous actions that are under way now are over; `undefined` when there
   * are none. Until then the instance has to be kept in memory.
   */
  get running(): Promise<unknown> | undefined {
    return this.#runner.running;
  }

  /** Handles one frame. Never throws: a broken invariant ends the instance. */
  receive(connection: Connection, frame: string | ArrayBuffer): void {
    // What was on its way when the connection was closed from here comes too late.
    if (!this.#audience.has(connection)) return;
    let messages: ClientMessage[];
    try {
      messages = decodeClientFrame(frame, this.#limits);
      checkOrder(connection, messages);
    } catch (error) {
      this.#refuse(connection, error);
      return;
    }
    guard(this.#platform, () => this.#handle(connection, messages));
  }

  #handle(connection: Connection, messages: readonly ClientMessage[]): void {
    const actions: ActionMessage[] = [];
    for (const message of messages) {
      switch (message.type) {
        case "hello":
          this.#greet(connection, message);
          break;
        case "seen":
          this.#audience.seen(connection, message.version);
          break;
        case "action":
          actions.push(message);
          break;
      }
    }
    if (actions.length > 0) this.#act(connection, actions);
  }

  /** One frame: what the client lacks of the state, and what it may not know of its own actions. */
  #greet(connection: Connection, hello: HelloMessage): void {
    const { principal } = connection.meta;
    const clients = hello.clients.map(({ id }) => id);
    this.#replace(principal, clients, connection);
    const texts = [this.#resume(connection, hello) ?? this.#takeSnapshot()];
    for (const { id, settled } of hello.clients) {
      for (const [seq, answer] of this.#sequences.missed(principal, id, settled)) {
        texts.push(encodeAnswer(id, seq, answer));
      }
    }
    this.#bringUpToDate(connection, clients);
    this.#audience.answer(connection, texts);
  }

  /**
   * A client speaks through its newest link only. An action that an older one still brings would be
   * answered there, and its commit would reach the page without the answer: shown twice (G8).
   */
  #replace(principal: string, clients: readonly string[], newest: Connection): void {
    for (const older of clients.flatMap((id) => this.#audience.speakersFor(principal, id))) {
      if (older === newest || !this.#audience.has(older)) continue;
      this.#audience.remove(older);
      older.close(CloseCode.normal, "Replaced by a newer connection");
    }
  }

  #bringUpToDate(connection: Connection, clients = connection.meta.clients): void {
    const { epoch } = this.#journal;
    this.#audience.remember(connection, {
      ...connection.meta,
      clients,
      epoch,
      schema: this.#schema,
    });
  }

  #resume(
    connection: Connection,
    { epoch, version, mark, schema }: HelloMessage,
  ): string | undefined {
    if (epoch === undefined || version === undefined || mark === undefined) return undefined;
    if (schema !== this.#schema) return undefined;
    const commits = this.#journal.resume({ epoch, version, mark });
    if (!commits) return undefined;
    // Who was greeted before was sent all of them: what it has not taken in yet is on its way.
    const missing = this.#isCurrent(connection) ? [] : commits;
    // The stored texts are the messages' own: they are joined, not encoded again.
    return `{"type":"resume","commits":[${missing.join(",")}]}`;
  }

  #takeSnapshot(): string {
    const { version } = this.#committer;
    if (this.#snapshot?.version !== version) {
      const { epoch, mark } = this.#journal;
      const text = encodeMessage({
        type: "snapshot",
        epoch,
        version,
        mark,
        schema: this.#schema,
        state: this.#tree.committed(),
      });
      this.#snapshot = { version, text };
    }
    return this.#snapshot.text;
  }

  /** Takes a frame's actions in and answers it: what has finished by its answer. */
  #act(connection: Connection, actions: readonly ActionMessage[]): void {
    const { principal, session } = connection.meta;
    const news: News[] = (this.#news = []);
    const replies: News[] = [];
    const calls: Call[] = [];
    for (const taken of this.#doorkeeper.takeIn(principal, actions, this.#turn.full)) {
      if (taken.type === "tell") replies.push({ type: "reply", connection, text: taken.text });
      else {
        const { action, sequence } = taken;
        calls.push({
          action,
          sequence,
          session,
          definition: this.#module.actions.get(action.name),
        });
      }
    }
    this.#runner.run(calls);
    for (const { sequence } of calls) {
      if (!this.#sequences.isRunning(sequence)) continue;
      const { client, seq } = sequence;
      const text = encodeMessage({ type: "received", client, seq });
      replies.push({ type: "reply", connection, text });
    }
    this.#news = undefined;
    this.#tell(replies.length === 0 ? news : [...news, ...replies]);
  }

  /** Tells what is durable: commits to everybody, answers to whom they concern, in one frame each. */
  #tell(news: readonly News[]): void {
    // What a frame's actions bring at once goes out together.
    if (this.#news) {
      this.#news.push(...news);
      return;
    }
    const commits: string[] = [];
    for (const one of news) if (one.type === "commit") commits.push(one.text);
    if (commits.length > 0) this.#snapshot = undefined;
    this.#audience.broadcast(
      this.#committer.version,
      commits,
      this.#audience.address(news),
      (listener) => this.#isCurrent(listener),
    );
    // Behind the answers, so that nobody waits for it; its failure concerns no action.
    this.#checkpoint();
  }

  /** False before the `hello`, and for a socket that outlived the code or history it was given. */
  #isCurrent(connection: Connection): boolean {
    const { epoch, schema } = connection.meta;
    return epoch === this.#journal.epoch && schema === this.#schema;
  }

  #checkpoint(): void {
    if (!this.#journal.checkpointDue()) return;
    try {
      this.#journal.checkpoint(this.#tree.committed());
    } catch (error) {
      this.#platform.report(error, "A checkpoint failed; it is tried again with the next commit");
    }
  }

  #mergeInitial(module: ModuleDefinition): void {
    const [outcome] = this.#committer.commit([
      {
        name: "restore",
        sequence: undefined,
        run: (state) => mergeInitial(state, module.initial),
      },
    ]);
    if (outcome?.type === "decided" && outcome.answer.type === "ack") return;
    throw new HoldfastError(
      // A write that failed may succeed the next time.
      outcome?.type === "decided" ? "RESTORE_FAILED" : "STORAGE_FAILED",
      "New fields of the initial state could not be added to the stored one. The log says why; nothing was changed.",
    );
  }

  #refuse(connection: Connection, error: unknown): void {
    if (error instanceof HoldfastError) {
      this.#audience.remove(connection);
      closeWith(connection, error);
      return;
    }
    this.#platform.report(error, "A frame could not be decoded");
    this.#platform.abort("Holdfast: an invariant is broken; the log says which.");
  }
}

/** What only the connection's own past can tell of a frame. */
function checkOrder(connection: Connection, messages: readonly ClientMessage[]): void {
  let clients = connection.meta.clients;
  for (const message of messages) {
    if (message.type === "hello") {
      if (message.protocol !== PROTOCOL_VERSION) {
        throw new HoldfastError(
          "PROTOCOL_UNSUPPORTED",
          `The client speaks protocol ${message.protocol}, this server ${PROTOCOL_VERSION}. Reload the page; if that does not help, deploy client and server together.`,
        );
      }
      clients = message.clients.map(({ id }) => id);
    } else if (!clients) {
      throw new HoldfastError(
        "MALFORMED_FRAME",
        "The first message on a socket is hello. The client is not a Holdfast client, or out of date.",
      );
    } else if (message.type === "action" && !clients.includes(message.client)) {
      throw new HoldfastError(
        "MALFORMED_FRAME",
        "An action names a client id that hello did not. The client is not a Holdfast client, or out of date.",
      );
    }
  }
}
