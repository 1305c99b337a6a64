import {
  type ActionMessage,
  type Answer,
  CloseCode,
  type ClientMessage,
  HoldfastError,
  type PatchMessage,
} from "@holdfast/protocol";
import type { InstanceReport } from "./admin.ts";
import type { Alarms } from "./alarms.ts";
import { assemble, type HostParts } from "./assemble.ts";
import { closeWith } from "./close.ts";
import type { Connection, ConnectionIdentity } from "./connection.ts";
import { userIsOver } from "./expiry.ts";
import { guard } from "./guard.ts";
import { type Arrival, Group } from "./group.ts";
import type { HostOptions } from "./host-options.ts";
import { receivedText, type Taken } from "./intake.ts";
import type { Moves } from "./move/moves.ts";
import type { News } from "./news.ts";
import { pageSnapshot } from "./page-snapshot.ts";
import type { Rooms } from "./rooms/rooms.ts";
import { type ServerCall, serverCall, TOO_MANY_WAIT } from "./server-call.ts";
import type { StoreKeeper } from "./store/store-keeper.ts";

/**
 * Runs one instance of a module: takes frames in, has their actions committed, tells everybody. One
 * event is handled to its end before the next begins.
 */
export class Host {
  readonly #parts: HostParts;
  readonly #group: Group;

  /**
   * Restores the instance.
   *
   * @throws HoldfastError `RESTORE_FAILED`, `SCHEMA_TOO_NEW` or `STORAGE_FAILED`; storage is as before
   */
  constructor(options: HostOptions) {
    this.#parts = assemble(options);
    const { platform, turn, moves, audience } = this.#parts;
    this.#group = new Group({
      platform,
      // A move takes its session away from the midst of its frame.
      mayWait: () => !moves && turn.free,
      isHere: (connection) => audience.has(connection),
      handle: (arrivals) => guard(platform, () => this.#act(arrivals)),
    });
  }

  /** What the instance is to do at a time. */
  get alarms(): Alarms {
    return this.#parts.alarms;
  }

  /** Looks after the store of the module's own; `undefined` where there is none. */
  get keeper(): StoreKeeper | undefined {
    return this.#parts.keeper;
  }

  /** Takes a connection in, new or back from hibernation. */
  connect(connection: Connection): void {
    const { moves, audience, views, authority, platform, restoredVersion } = this.#parts;
    if (moves?.refuses(connection.meta)) {
      connection.close(CloseCode.normal, "The session has moved");
      return;
    }
    try {
      audience.add(connection);
      views.of(connection);
      if (!connection.meta.clients) authority.connect(connection.meta);
    } catch (error) {
      // What the author's own code threw. Frames are refused without: they would fill the log.
      if (error instanceof HoldfastError && error.cause !== undefined) {
        platform.report(error.cause, "A connection was refused");
      }
      this.#refuse(connection, error);
      return;
    }
    this.#parts.expiry.watch(connection);
    this.#parts.greeter.welcomeBack(connection, restoredVersion);
    this.#parts.presence.welcomeBack(connection);
    this.#parts.sessionExpiry.used(connection.meta.session);
  }

  /** Which rooms its pages are in; `undefined` where the module is no connection's. */
  get rooms(): Rooms | undefined {
    return this.#parts.side?.rooms;
  }

  /** How sessions come and go; `undefined` where the key is not derived from the state. */
  get moves(): Moves | undefined {
    return this.#parts.moves;
  }

  disconnect(connection: Connection): void {
    this.#group.closeFor(connection);
    const { platform, hooks, audience, sequences, line, side } = this.#parts;
    if (connection.meta.clients) guard(platform, () => hooks.disconnected(connection));
    audience.remove(connection);
    this.#parts.views.forget(connection);
    this.#parts.presence.left(connection);
    this.#parts.ephemeral.disconnected();
    this.#parts.sessionExpiry.used();
    side?.rooms?.disconnected(connection.meta);
    const { principal, clients = [] } = connection.meta;
    for (const client of clients) {
      if (audience.speakersFor(principal, client).length > 0) continue;
      sequences.forget(principal, client);
      line.leave({ principal, client });
    }
    line.proceed();
    if (audience.isEmpty) void this.#parts.keeper?.flush();
  }

  /**
   * Resolves when the asynchronous actions that are under way now are over; `undefined` when there
   * are none. Until then the instance has to be kept in memory.
   */
  get running(): Promise<unknown> | undefined {
    const { runner, moves, keeper, side } = this.#parts;
    const all = [runner.running, moves?.underWay, keeper?.underWay, side?.rooms?.underWay];
    // Hardly ever is there one, and this is asked behind every frame.
    if (all.every((one) => one === undefined)) return undefined;
    return Promise.all(all.filter((one) => one !== undefined));
  }

  /** See `pageSnapshot`. */
  snapshot(identity: ConnectionIdentity): string {
    return pageSnapshot(identity, this.#parts);
  }

  /** A backup of the committed state, as text; ephemeral state is left out. */
  exportState(): Promise<string> {
    return this.#parts.admin.exportState();
  }

  /**
   * Puts the state of a backup in the place of this one, in a new history. The host is of no use
   * afterwards: make another one, and connect the sockets to it.
   *
   * @throws HoldfastError `IMPORT_INVALID`, `SCHEMA_TOO_NEW`, `RESTORE_FAILED` or `STORAGE_FAILED`;
   * then nothing was changed, and the host goes on
   */
  async importState(backup: string): Promise<void> {
    this.#group.close();
    await this.#parts.admin.importState(backup);
    this.#parts.presence.end();
  }

  /** Deletes all that is stored. Like after `importState`, another host has to be made. */
  destroy(): void {
    this.#group.close();
    this.#parts.admin.destroy();
    this.#parts.presence.end();
  }

  /** What there is to know of the instance, but for its state. */
  inspect(commits?: number): InstanceReport {
    return this.#parts.admin.inspect(commits);
  }

  /** Takes one frame in. Never throws: a broken invariant ends the instance. */
  receive(connection: Connection, frame: string | ArrayBuffer): void {
    const { audience, expiry, doorkeeper, platform } = this.#parts;
    // What was on its way when the connection was closed from here comes too late.
    if (!audience.has(connection)) return;
    if (expiry.isOver(connection)) {
      this.#refuse(connection, userIsOver());
      return;
    }
    let messages: ClientMessage[];
    try {
      messages = doorkeeper.read(connection, frame);
    } catch (error) {
      this.#refuse(connection, error);
      return;
    }
    const length = typeof frame === "string" ? frame.length : frame.byteLength;
    guard(platform, () => this.#handle(connection, messages, length));
  }

  /** Runs an action for code of the server, in its turn; the answer is durable. */
  call(asked: ServerCall): Promise<Answer> {
    const { turn, runner, module, platform, sessionExpiry } = this.#parts;
    return new Promise((resolve) => {
      if (turn.full) resolve(TOO_MANY_WAIT);
      else guard(platform, () => runner.run([serverCall(asked, module, resolve)]));
      sessionExpiry.used();
    });
  }

  #handle(connection: Connection, messages: readonly ClientMessage[], length: number): void {
    const { moves, greeter, audience, presence, platform } = this.#parts;
    const actions: (ActionMessage | PatchMessage)[] = [];
    for (const message of messages) {
      switch (message.type) {
        case "hello":
          this.#group.closeFor(connection);
          if (moves?.sendOffLate(connection, message)) return;
          this.#arrived(connection, message.clients.at(-1)?.id);
          greeter.greet(connection, message, moves?.boundText(connection));
          break;
        case "seen":
          audience.seen(connection, message.read);
          presence.seen(connection);
          break;
        case "presence":
        case "absent":
          presence.receive(connection, message);
          break;
        case "action":
        case "patch":
          actions.push(message);
          break;
      }
    }
    if (actions.length > 0) {
      this.#group.arrived({ connection, actions, length, at: platform.now() });
    }
    this.#parts.sessionExpiry.used();
  }

  #arrived(connection: Connection, page: string | undefined): void {
    this.#parts.side?.rooms?.connected(page);
    if (!connection.meta.clients) this.#parts.hooks.connected(connection, page);
  }

  /** Takes actions in, in order, and answers each frame: by the answers of those that have finished. */
  #act(arrivals: readonly Arrival[]): void {
    const { teller, doorkeeper, turn, moves, runner, sequences } = this.#parts;
    teller.together(() => {
      const taken: Taken = { calls: [], replies: [] };
      for (const arrival of arrivals) {
        const isFull = turn.full || moves?.holds(arrival.connection.meta) === true;
        doorkeeper.takeIn(arrival, isFull, taken);
      }
      const { calls, replies } = taken;
      runner.run(calls);
      for (const { sequence, connection } of calls) {
        if (!sequence || !connection || !sequences.isRunning(sequence)) continue;
        replies.push({ connection, text: receivedText(sequence.client, sequence.seq) });
      }
      return replies.flatMap(({ connection, text, underWay }): News | [] =>
        underWay && !sequences.isRunning(underWay) ? [] : { type: "reply", connection, text },
      );
    });
  }

  #refuse(connection: Connection, error: unknown): void {
    this.#group.closeFor(connection);
    const { audience, platform } = this.#parts;
    if (error instanceof HoldfastError) {
      // A connection that was never let in is nobody's to be told of as gone.
      audience.remove(connection);
      closeWith(connection, error);
      return;
    }
    platform.report(error, "A frame could not be decoded");
    platform.abort("Holdfast: an invariant is broken; the log says which.");
  }
}
