import {
  type ActionMessage,
  type Answer,
  CloseCode,
  type ClientMessage,
  HoldfastError,
  type PatchMessage,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { StateTree } from "../state/state-tree.ts";
import { Admin, type InstanceReport } from "./admin.ts";
import { Alarms } from "./alarms.ts";
import { Audience } from "./audience.ts";
import { Authority } from "./authority.ts";
import { begin } from "./begin.ts";
import type { Call } from "./call.ts";
import { PatchHistory } from "./client-patch-history.ts";
import { PatchLine } from "./client-patch-line.ts";
import { ClientPatches } from "./client-patches.ts";
import { closeWith } from "./close.ts";
import { Committer } from "./commit.ts";
import type { Connection, ConnectionIdentity } from "./connection.ts";
import { ConnectionSide } from "./connection-side.ts";
import { Ephemeral } from "./ephemeral.ts";
import { Expiry, userIsOver } from "./expiry.ts";
import { Greeter } from "./greeter.ts";
import { guard } from "./guard.ts";
import type { HostOptions } from "./host-options.ts";
import { Doorkeeper, receivedText, staleText } from "./intake.ts";
import { Moves, watchOf } from "./move/moves.ts";
import { pageSnapshot } from "./page-snapshot.ts";
import { behind, type News } from "./news.ts";
import type { Platform } from "./platform.ts";
import { ConnectionHooks } from "./hooks.ts";
import { Presence } from "./presence.ts";
import { Recap } from "./recap.ts";
import { openHistory } from "./restore.ts";
import type { Rooms } from "./rooms/rooms.ts";
import { Runner } from "./runner.ts";
import { Schedule } from "./schedule.ts";
import { SessionExpiry } from "./session-expiry.ts";
import { Sequences } from "./sequences.ts";
import { type ServerCall, serverCall, TOO_MANY_WAIT } from "./server-call.ts";
import { writeSaved } from "./store/saved-row.ts";
import { StoreKeeper } from "./store/store-keeper.ts";
import { LiveText } from "./stream/live-text.ts";
import { Streams } from "./stream/streams.ts";
import { Teller } from "./teller.ts";
import { Turn } from "./turn.ts";
import { Views } from "./view/views.ts";

/**
 * Runs one instance of a module: takes frames in, has their actions committed, tells everybody. One
 * event is handled to its end before the next begins.
 */
export class Host {
  /** What the instance is to do at a time. */
  readonly alarms: Alarms;
  readonly #module: ModuleDefinition;
  readonly #platform: Platform;
  readonly #sequences: Sequences;
  readonly #authority: Authority;
  readonly #hooks: ConnectionHooks;
  readonly #ephemeral: Ephemeral;
  readonly #sessionExpiry: SessionExpiry;
  readonly #admin: Admin;
  /** The version that was restored; what came up to date behind it, nobody was told. */
  readonly #restoredVersion: number;
  readonly #doorkeeper: Doorkeeper;
  readonly #turn: Turn;
  readonly #runner: Runner;
  readonly #audience: Audience;
  readonly #expiry: Expiry;
  readonly #views: Views;
  readonly #greeter: Greeter;
  /** Where the key is derived from the state. */
  readonly #moves: Moves | undefined;
  readonly #line: PatchLine;
  readonly #teller: Teller;
  /** Where the module is a connection's. */
  readonly #side: ConnectionSide | undefined;
  readonly #keeper: StoreKeeper | undefined;
  readonly #presence: Presence;
  readonly #recap: Recap;

  /**
   * Restores the instance.
   *
   * @throws HoldfastError `RESTORE_FAILED`, `SCHEMA_TOO_NEW` or `STORAGE_FAILED`; storage is as before
   */
  constructor(options: HostOptions) {
    const { module, name, key, sql, platform, limits, env, port, rooms, loaded } = options;
    this.#module = module;
    this.#platform = platform;
    this.alarms = new Alarms(sql, platform);
    const stored = { module, sql, platform, limits, loaded };
    const history = openHistory(stored);
    const { journal } = history;
    const tree = new StateTree(history.state, { limits });
    const sequences = new Sequences(journal, limits.openSequences);
    const views = new Views(module);
    // What storage has not taken is nobody's to see.
    const durable: Pick<StateTree, "committed"> = {
      committed: () => (committer.isBehind ? openHistory(stored).state : tree.committed()),
    };
    const recap = new Recap({ tree: durable, journal, views, limits });
    const audience = new Audience({ limits, platform, recap });
    const isBehind = (): boolean => committer.isBehind;
    const onTold = (): void => streams.check();
    const teller = new Teller({
      tree: durable,
      journal,
      audience,
      recap,
      views,
      platform,
      isBehind,
      onTold,
    });
    const tell = (news: readonly News[]): void => teller.tell(behind(committer.takeSaved(), news));
    const turn = new Turn(platform, limits.waitingActions);
    const writes = module.clientWrites;
    const touched = writes && new PatchHistory(tree, journal, limits);
    const line = new PatchLine(platform, limits.patchTurnMs, (sequence) => {
      const text = staleText(sequence.client, sequence.seq);
      teller.tell([{ type: "answer", sequence, text }]);
    });
    const derived = watchOf({ module, name, key }, limits);
    const { home } = module;
    const committer = new Committer({
      tree,
      journal,
      sequences,
      platform,
      limits,
      meta: { module: name, key, schema: module.version },
      watch: touched,
      sql,
      hidesPlaces: !views.areWhole,
      hooks: module.hooks,
      keys: derived?.watch,
      onCommit: home && (() => this.#keeper?.changed()),
      readOnly: history.readOnly,
      onSaved: module.connection?.throwOnError === false ? () => tell([]) : undefined,
    });
    const streams = new Streams({
      tree,
      committer,
      sql,
      platform,
      limits,
      text: new LiveText(audience, views),
      tell,
    });
    const greeter = new Greeter({ journal, sequences, audience, recap, views, streams });
    const instance = { kept: new Map(), committed: () => tree.committed() };
    const authority = new Authority({ module, tree, env });
    this.#sequences = sequences;
    this.#doorkeeper = new Doorkeeper(module, sequences, { platform, limits });
    this.#turn = turn;
    const run = (calls: readonly Call[]): void => this.#runner.run(calls);
    const parts = {
      module,
      alarms: this.alarms,
      sql,
      platform,
      limits,
      env,
      tree,
      run,
      isStored: () => journal.meta !== undefined,
      isAttended: () => !audience.isEmpty,
      audience,
      tell,
    };
    this.#side =
      module.connection &&
      new ConnectionSide({ ...parts, port: rooms, sql, audience, greeter, teller });
    const presence = (this.#presence = new Presence({ ...parts, audience }));
    this.#recap = recap;
    this.#runner = new Runner({
      ...parts,
      side: this.#side,
      presence: () => presence.all(),
      schedule: new Schedule(parts),
      streams,
      instance,
      authority,
      committer,
      sequences,
      turn,
      patches:
        touched &&
        new ClientPatches({
          mayWrite: writes.mayWrite,
          schema: writes.schema ?? module.schema,
          history: touched,
          line,
          sequences,
          viewOf: (connection) => views.of(connection),
          limits,
        }),
      line,
      moves: () => this.#moves,
    });
    this.#audience = audience;
    this.#expiry = new Expiry(audience, this.alarms, platform);
    this.#views = views;
    this.#greeter = greeter;
    this.#line = line;
    this.#teller = teller;
    this.#authority = authority;
    this.#hooks = new ConnectionHooks(parts);
    this.#ephemeral = new Ephemeral({
      ...parts,
      // What a session has while it has no key lives no longer than somebody is there.
      module: derived?.place.type === "session" ? { ...module, ephemeral: "all" } : module,
      // A session that moves may be taking it along.
      isHeld: () => this.#moves?.isMoving === true,
    });
    this.#admin = new Admin({
      ...parts,
      meta: { module: name, key, schema: module.version },
      tree: durable,
      journal,
      committer,
      keys: derived?.watch,
    });
    this.#sessionExpiry = new SessionExpiry({
      ...parts,
      derived,
      moves: () => this.#moves,
      keeper: () => this.#keeper,
      destroy: () => this.#admin.destroy(),
      onExpired: () => options.onExpired?.(),
    });
    this.#moves =
      derived && port
        ? new Moves({
            ...derived,
            ...parts,
            port,
            journal,
            sequences,
            committer,
            turn,
            onPlaced: () => this.#ephemeral.disconnected(),
            onAsked: () => this.#sessionExpiry.used(),
            started: (principal, client) => this.#runner.started(principal, client),
          })
        : undefined;
    this.#restoredVersion = journal.version;
    // Nobody ever sees a state of what is elsewhere: it has none.
    if (!home || !this.#moves?.isElsewhere) {
      begin({ module, history, committer, platform, env, sql, instance, limits, streams });
      // What `onCreated` may have changed is saved once too often.
      if (history.isSaved && journal.meta && !module.hooks.created) writeSaved(sql, journal);
    }
    derived?.watch.begin(tree.committed());
    if (home && derived?.place.type === "key") {
      const place = derived.place.key;
      const parts = { module, home, key: place, tree, journal, sql, alarms: this.alarms, platform };
      this.#keeper = new StoreKeeper(parts);
    }
  }

  /** Looks after the store of the module's own; `undefined` where there is none. */
  get keeper(): StoreKeeper | undefined {
    return this.#keeper;
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
      if (!connection.meta.clients) this.#authority.connect(connection.meta);
    } catch (error) {
      // What the author's own code threw. Frames are refused without: they would fill the log.
      if (error instanceof HoldfastError && error.cause !== undefined) {
        this.#platform.report(error.cause, "A connection was refused");
      }
      this.#refuse(connection, error);
      return;
    }
    this.#expiry.watch(connection);
    this.#greeter.welcomeBack(connection, this.#restoredVersion);
    this.#sessionExpiry.used(connection.meta.session);
  }

  /** Which rooms its pages are in; `undefined` where the module is no connection's. */
  get rooms(): Rooms | undefined {
    return this.#side?.rooms;
  }

  /** How sessions come and go; `undefined` where the key is not derived from the state. */
  get moves(): Moves | undefined {
    return this.#moves;
  }

  disconnect(connection: Connection): void {
    if (connection.meta.clients) {
      guard(this.#platform, () => this.#hooks.disconnected(connection));
    }
    this.#audience.remove(connection);
    this.#views.forget(connection);
    this.#presence.left(connection);
    this.#ephemeral.disconnected();
    this.#sessionExpiry.used();
    this.#side?.rooms?.disconnected(connection.meta);
    const { principal, clients = [] } = connection.meta;
    for (const client of clients) {
      if (this.#audience.speakersFor(principal, client).length > 0) continue;
      this.#sequences.forget(principal, client);
      this.#line.leave({ principal, client });
    }
    this.#line.proceed();
    if (this.#audience.isEmpty) void this.#keeper?.flush();
  }

  /**
   * Resolves when the asynchronous actions that are under way now are over; `undefined` when there
   * are none. Until then the instance has to be kept in memory.
   */
  get running(): Promise<unknown> | undefined {
    const running = [
      this.#runner.running,
      this.#moves?.underWay,
      this.#keeper?.underWay,
      this.#side?.rooms?.underWay,
    ].filter((one) => one !== undefined);
    return running.length > 0 ? Promise.all(running) : undefined;
  }

  /** See `pageSnapshot`. */
  snapshot(identity: ConnectionIdentity): string {
    return pageSnapshot(identity, {
      authority: this.#authority,
      views: this.#views,
      recap: this.#recap,
    });
  }

  /** A backup of the committed state, as text; ephemeral state is left out. */
  exportState(): Promise<string> {
    return this.#admin.exportState();
  }

  /**
   * Puts the state of a backup in the place of this one, in a new history. The host is of no use
   * afterwards: make another one, and connect the sockets to it.
   *
   * @throws HoldfastError `IMPORT_INVALID`, `SCHEMA_TOO_NEW`, `RESTORE_FAILED` or `STORAGE_FAILED`;
   * then nothing was changed, and the host goes on
   */
  importState(backup: string): Promise<void> {
    return this.#admin.importState(backup);
  }

  /** Deletes all that is stored. Like after `importState`, another host has to be made. */
  destroy(): void {
    this.#admin.destroy();
  }

  /** What there is to know of the instance, but for its state. */
  inspect(): InstanceReport {
    return this.#admin.inspect();
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
      messages = this.#doorkeeper.read(connection, frame);
    } catch (error) {
      this.#refuse(connection, error);
      return;
    }
    guard(this.#platform, () => this.#handle(connection, messages));
  }

  /** Runs an action for code of the server, in its turn; the answer is durable. */
  call(asked: ServerCall): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.#turn.full) resolve(TOO_MANY_WAIT);
      else
        guard(this.#platform, () => this.#runner.run([serverCall(asked, this.#module, resolve)]));
      this.#sessionExpiry.used();
    });
  }

  #handle(connection: Connection, messages: readonly ClientMessage[]): void {
    const actions: (ActionMessage | PatchMessage)[] = [];
    for (const message of messages) {
      switch (message.type) {
        case "hello":
          if (this.#moves?.sendOffLate(connection, message)) return;
          this.#arrived(connection, message.clients.at(-1)?.id);
          this.#greeter.greet(connection, message, this.#moves?.boundText(connection));
          break;
        case "seen":
          this.#audience.seen(connection, message.read);
          this.#presence.seen(connection);
          break;
        case "presence":
        case "absent":
          this.#presence.receive(connection, message);
          break;
        case "action":
        case "patch":
          actions.push(message);
          break;
      }
    }
    if (actions.length > 0) this.#act(connection, actions);
    this.#sessionExpiry.used();
  }

  #arrived(connection: Connection, page: string | undefined): void {
    this.#side?.rooms?.connected(page);
    if (!connection.meta.clients) this.#hooks.connected(connection, page);
  }

  /** Takes a frame's actions in and answers it: by the answers of those that have finished. */
  #act(connection: Connection, actions: readonly (ActionMessage | PatchMessage)[]): void {
    this.#teller.together(() => {
      const { calls, replies } = this.#doorkeeper.takeIn(
        connection,
        actions,
        this.#turn.full || this.#moves?.holds(connection.meta) === true,
      );
      this.#runner.run(calls);
      for (const { sequence } of calls) {
        if (!sequence || !this.#sequences.isRunning(sequence)) continue;
        const text = receivedText(sequence.client, sequence.seq);
        replies.push({ type: "reply", connection, text });
      }
      return replies;
    });
  }

  #refuse(connection: Connection, error: unknown): void {
    if (error instanceof HoldfastError) {
      // A connection that was never let in is nobody's to be told of as gone.
      this.#audience.remove(connection);
      closeWith(connection, error);
      return;
    }
    this.#platform.report(error, "A frame could not be decoded");
    this.#platform.abort("Holdfast: an invariant is broken; the log says which.");
  }
}
