import {
  type ActionMessage,
  CloseCode,
  type ClientMessage,
  decodeClientFrame,
  HoldfastError,
  type Limits,
  PROTOCOL_VERSION,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { StateTree } from "../state/state-tree.ts";
import { Journal } from "../storage/journal.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { Alarms } from "./alarms.ts";
import { Audience } from "./audience.ts";
import { closeWith } from "./close.ts";
import { Committer } from "./commit.ts";
import type { Connection } from "./connection.ts";
import { Expiry, userIsOver } from "./expiry.ts";
import { Greeter } from "./greeter.ts";
import { guard } from "./guard.ts";
import { Doorkeeper, receivedText } from "./intake.ts";
import type { MovePort } from "./move/move.ts";
import { Moves, watchOf } from "./move/moves.ts";
import type { Platform } from "./platform.ts";
import { mergeInitial, restoredState } from "./restore.ts";
import { Runner } from "./runner.ts";
import { Sequences } from "./sequences.ts";
import { Teller } from "./teller.ts";
import { Turn } from "./turn.ts";
import { Views } from "./view/views.ts";

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
  /** Calls to other instances of the module; needed where the key is derived from the state. */
  readonly port?: MovePort;
}

/**
 * Runs one instance of a module: takes frames in, has their actions committed, tells everybody. One
 * event is handled to its end before the next begins.
 */
export class Host {
  /** What the instance is to do at a time. */
  readonly alarms: Alarms;
  readonly #platform: Platform;
  readonly #limits: Limits;
  readonly #sequences: Sequences;
  readonly #committer: Committer;
  readonly #doorkeeper: Doorkeeper;
  readonly #turn: Turn;
  readonly #runner: Runner;
  readonly #audience: Audience;
  readonly #expiry: Expiry;
  readonly #views: Views;
  readonly #greeter: Greeter;
  /** Where the key is derived from the state. */
  readonly #moves: Moves | undefined;
  readonly #teller: Teller;

  /**
   * Restores the instance.
   *
   * @throws HoldfastError `RESTORE_FAILED`, `SCHEMA_TOO_NEW` or `STORAGE_FAILED`; storage is as before
   */
  constructor({ module, name, key, sql, platform, limits, env, port }: HostOptions) {
    this.#platform = platform;
    this.#limits = limits;
    this.alarms = new Alarms(sql, platform);
    const journal = Journal.open(sql, {
      limits,
      now: () => platform.now(),
      epoch: platform.token(EPOCH_CHARACTERS),
    });
    const stored = journal.restore();
    const tree = new StateTree(restoredState(module, stored), { limits });
    const sequences = new Sequences(journal, limits.openSequences);
    const audience = new Audience(limits);
    const views = new Views(module);
    const greeter = new Greeter({ tree, journal, sequences, audience, views });
    const teller = new Teller({ tree, journal, audience, greeter, views, platform });
    const turn = new Turn(platform, limits.waitingActions);
    const derived = watchOf(module, key, limits);
    const committer = new Committer({
      tree,
      journal,
      sequences,
      platform,
      limits,
      meta: { module: name, key, schema: module.version },
      sql,
      hidesPlaces: !views.areWhole,
      watch: derived?.watch,
    });
    this.#sequences = sequences;
    this.#committer = committer;
    this.#doorkeeper = new Doorkeeper(module, sequences, { platform, limits });
    this.#turn = turn;
    this.#runner = new Runner({
      env,
      sql,
      instance: { kept: new Map(), committed: () => tree.committed() },
      tree,
      committer,
      sequences,
      turn,
      platform,
      moves: () => this.#moves,
      tell: (news) => teller.tell(news),
    });
    this.#audience = audience;
    this.#expiry = new Expiry(audience, this.alarms, platform);
    this.#views = views;
    this.#greeter = greeter;
    this.#teller = teller;
    this.#moves =
      derived && port
        ? new Moves({
            ...derived,
            module,
            port,
            sql,
            journal,
            tree,
            alarms: this.alarms,
            platform,
            sequences,
            committer,
            turn,
            audience,
            tell: (news) => teller.tell(news),
            started: (principal, client) => this.#runner.started(principal, client),
          })
        : undefined;
    if (stored !== undefined) this.#mergeInitial(module);
  }

  /** Takes a connection in, new or back from hibernation. */
  connect(connection: Connection): void {
    if (this.#moves?.refuses(connection.meta)) {
      connection.close(CloseCode.normal, "The session has moved");
      return;
    }
    try {
      this.#audience.add(connection);
      this.#views.of(connection);
    } catch (error) {
      this.#refuse(connection, error);
      return;
    }
    this.#expiry.watch(connection);
    this.#greeter.welcomeBack(connection);
  }

  /** How sessions come and go; `undefined` where the key is not derived from the state. */
  get moves(): Moves | undefined {
    return this.#moves;
  }

  disconnect(connection: Connection): void {
    this.#audience.remove(connection);
    this.#views.forget(connection);
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
    if (this.#expiry.isOver(connection)) {
      this.#refuse(connection, userIsOver());
      return;
    }
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
          if (this.#moves?.sendOffLate(connection, message)) return;
          this.#greeter.greet(connection, message, this.#moves?.boundText(connection));
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

  /** Takes a frame's actions in and answers it: by the answers of those that have finished. */
  #act(connection: Connection, actions: readonly ActionMessage[]): void {
    this.#teller.together(() => {
      const { calls, replies } = this.#doorkeeper.takeIn(
        connection,
        actions,
        this.#turn.full || this.#moves?.holds(connection.meta) === true,
      );
      this.#runner.run(calls);
      for (const { sequence } of calls) {
        if (!this.#sequences.isRunning(sequence)) continue;
        const text = receivedText(sequence.client, sequence.seq);
        replies.push({ type: "reply", connection, text });
      }
      return replies;
    });
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
      if (error.cause !== undefined) this.#platform.report(error.cause, "A connection was refused");
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
