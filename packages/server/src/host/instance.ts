import { type Answer, decodeValue, HoldfastError, type Limits } from "@holdfast/protocol";
import type { RoomDelivery } from "../connection/room-port.ts";
import type { ModuleDefinition, Modules } from "../module/definition.ts";
import { parsePlace } from "../module/place.ts";
import { moduleStoredAs, parseInstanceName } from "../module/instance-name.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { InstanceReport } from "./admin.ts";
import { type AdminAnswer, type AdminTask, administer } from "./administration.ts";
import { envOf } from "./call-chain.ts";
import { closeWith } from "./close.ts";
import type { Connection, ConnectionIdentity } from "./connection.ts";
import { mindsLeaving } from "./hooks.ts";
import { Host } from "./host.ts";
import type { RemoteCall } from "./instance-handle.ts";
import type { Adoption, AdoptOutcome, Move, MoveOutcome, MovePort } from "./move/move.ts";
import type { Moves, Whereabouts } from "./move/moves.ts";
import type { SnapshotAnswer } from "./page-snapshot.ts";
import type { Platform } from "./platform.ts";
import { missPresence } from "./presence.ts";
import type { Loaded } from "./restore.ts";
import type { ConnectionPlace } from "./rooms/rooms-port.ts";
import type { RoomsPort } from "./rooms/rooms.ts";
import { OwnStore } from "./store/own-store.ts";

/** An alarm that finds no state to work on comes again: the next deploy may read it. */
const UNRESTORED_MS = 300_000;

/** What one instance has of where it runs. */
export interface InstanceOptions {
  readonly modules: Modules;
  /** What `instanceName` made of module and key. */
  readonly name: string;
  readonly sql: SqlPort;
  readonly platform: Platform;
  readonly limits: Limits;
  /** For actions. */
  readonly env: unknown;
  /** Calls to other instances of the module. */
  readonly port: (module: string) => MovePort;
  /** The state of a session has ended: deletes what is left of storage, if there is a way. */
  readonly vacate?: () => Promise<void>;
  /** Where there are connections: what an instance of one needs of other objects. */
  readonly rooms?: (place: ConnectionPlace) => RoomsPort;
  /** Everybody who is connected: a host that has just been restored takes them in. */
  readonly connections: () => Iterable<Connection>;
}

/**
 * One instance as its platform holds it, a Durable Object or a Node process. Its host is restored
 * when somebody needs it; where that cannot be, whoever came is told why, and the next one tries again.
 */
export class Instance {
  readonly #options: InstanceOptions;
  #host: Host | undefined;
  #hasExpired = false;
  /** Where the module has a store of its own, and this is an instance that it keeps. */
  readonly #store: OwnStore | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    const { module, key } = this.#definition() ?? {};
    const place = module?.home && key !== undefined ? parsePlace(key) : undefined;
    if (!module?.home || place?.type !== "key") return;
    this.#store = new OwnStore({
      home: module.home,
      key: place.key,
      platform: options.platform,
      keeper: () => this.#host?.keeper,
    });
  }

  /** Resolves when what is under way is over; until then the instance has to be kept in memory. */
  get running(): Promise<unknown> | undefined {
    return this.#host?.running;
  }

  /** Takes a connection in that `connections` tells of already. */
  connect(connection: Connection): void {
    this.#withHost(connection, (host, fresh) => {
      // A fresh host has taken in everybody, this one with them.
      if (!fresh) host.connect(this.#gated(connection));
    });
  }

  receive(connection: Connection, frame: string | ArrayBuffer): void {
    this.#withHost(connection, (host) => host.receive(this.#gated(connection), frame));
  }

  /** A connection is gone, and `connections` tells of it no more. */
  disconnect(connection: Connection): void {
    // Without a host in memory there is nothing to forget; some modules want to know all the same.
    if (!this.#host && !this.#minds()) return;
    const isHeard = this.#withHost(connection, (host) => host.disconnect(this.#gated(connection)));
    if (!isHeard) missPresence(this.#options.connections());
  }

  /** Whether a connection belongs here: elsewhere only where the key is derived from the state. */
  async locate(identity: ConnectionIdentity): Promise<Whereabouts | HoldfastError> {
    try {
      const { moves } = await this.#ready();
      if (moves) return await moves.locate(identity);
    } catch (error) {
      // What cannot be restored is told on the socket, like any other time.
      if (error instanceof HoldfastError && error.code === "BUSY") return error;
    }
    return { type: "here", generation: identity.generation };
  }

  /** The state, to render a page with for somebody who may connect; see `pageSnapshot`. */
  async snapshot(identity: ConnectionIdentity): Promise<SnapshotAnswer> {
    try {
      const where = await this.locate(identity);
      if (where instanceof HoldfastError) throw where;
      if (where.type !== "here") return where;
      return { type: "taken", taken: this.#restored().snapshot(identity) };
    } catch (error) {
      const { code, message } = asRestoreError(error);
      return { type: "refused", error: { code, message } };
    }
  }

  /** Code of the server calls an action. */
  async call({ action, payload, chain }: RemoteCall): Promise<Answer> {
    const { platform, env, name } = this.#options;
    let host: Host;
    try {
      host = await this.#ready();
    } catch (error) {
      platform.report(error, "The instance could not be restored");
      const { code, message } = asRestoreError(error);
      return { type: "reject", error: { code, message } };
    }
    const own = chain.length > 0 ? envOf(env, [...chain, name]) : undefined;
    const value = payload === undefined ? undefined : decodeValue(payload);
    const answer = await host.call({ action, payload: value, env: own });
    await this.#store?.maySpeak();
    return answer;
  }

  /** The platform's alarm. */
  async ring(): Promise<void> {
    const { platform } = this.#options;
    let host: Host;
    try {
      host = await this.#ready();
    } catch (error) {
      platform.report(error, "The instance could not be restored for its alarm");
      platform.setAlarm(platform.now() + UNRESTORED_MS);
      return;
    }
    await host.alarms.ring();
    const isVacant = this.#hasExpired && !this.#host;
    this.#hasExpired = false;
    if (isVacant) await this.#options.vacate?.();
  }

  /** What a room has for a connection's instance, or another user, where there is none. */
  take(room: string | undefined, deliveries: readonly RoomDelivery[]): "taken" | "gone" {
    return this.#restored().rooms?.receive(room, deliveries) ?? "gone";
  }

  /** What another instance of the module asks of this one; see `MovePort`. */
  async begin(move: Move): Promise<MoveOutcome> {
    return (await this.#moves()).begin(move);
  }

  async adopt(adoption: Adoption): Promise<AdoptOutcome> {
    return (await this.#moves()).adopt(adoption);
  }

  async exportState(): Promise<string> {
    return (await this.#ready()).exportState();
  }

  async importState(backup: string): Promise<void> {
    const host = await this.#ready();
    await host.importState(backup);
    await host.keeper?.stop();
    this.#replace();
  }

  async destroy(): Promise<void> {
    const host = await this.#ready();
    host.destroy();
    await host.keeper?.stop();
    await host.keeper?.forget();
    this.#replace();
  }

  /** Saves what a store of the module's own does not have yet; resolves when that has ended, well or not. */
  async flush(): Promise<void> {
    await this.#host?.keeper?.flush();
  }

  async inspect(commits?: number): Promise<InstanceReport> {
    return (await this.#ready()).inspect(commits);
  }

  /** What an operator asks. */
  administer(task: AdminTask): Promise<AdminAnswer> {
    const { platform } = this.#options;
    return administer(this, task, (error, what) => platform.report(error, what));
  }

  /** Another history has begun: whoever is connected is given its state. */
  #replace(): void {
    this.#host = undefined;
    this.#restored();
  }

  async #moves(): Promise<Moves> {
    const { moves } = await this.#ready();
    if (moves) return moves;
    throw new Error("A session was moved to a module whose key is not derived from its state.");
  }

  /** Whether the module has something to do when a connection goes. */
  #minds(): boolean {
    const { module } = this.#definition() ?? {};
    return module !== undefined && mindsLeaving(module);
  }

  /**
   * Calls with the host, restored if it must be; where that fails, says why to the connection.
   *
   * @returns whether there is a host
   */
  #withHost(connection: Connection, use: (host: Host, fresh: boolean) => void): boolean {
    const fresh = !this.#host;
    let host: Host;
    try {
      host = this.#restored();
    } catch (error) {
      this.#options.platform.report(error, "The instance could not be restored");
      closeWith(connection, asRestoreError(error));
      return false;
    }
    use(host, fresh);
    return true;
  }

  /**
   * The host, behind what the module's own store has.
   *
   * @throws HoldfastError where the instance cannot be restored; `BUSY` where the store does not answer
   */
  async #ready(): Promise<Host> {
    if (!this.#host && this.#store) {
      // Somebody whose page was here all along may have been faster: then the instance has its state.
      await this.#store.ask((loaded) => void (this.#host ??= this.#restore(loaded)));
    }
    return this.#restored();
  }

  /** @throws HoldfastError where the instance cannot be restored */
  #restored(): Host {
    this.#store?.assertRestorable();
    return (this.#host ??= this.#restore());
  }

  #gated(connection: Connection): Connection {
    return this.#store?.gated(connection) ?? connection;
  }

  #restore(loaded?: Loaded): Host {
    const found = this.#definition();
    if (!found) {
      throw new HoldfastError(
        "UNKNOWN_MODULE",
        "This instance belongs to a module that the code no longer has. Its state is untouched; add the module again to reach it.",
      );
    }
    const { sql, platform, limits, env, port, rooms, name, connections } = this.#options;
    const { key } = found;
    const { connection } = found.module;
    const host = new Host({
      module: found.module,
      name: found.name,
      key,
      sql,
      platform,
      limits,
      env: envOf(env, [name]),
      port: port(found.name),
      onExpired: () => {
        this.#host = undefined;
        this.#hasExpired = true;
      },
      rooms: connection && rooms?.({ ...connection, module: found.name, key }),
      loaded,
    });
    for (const one of connections()) host.connect(this.#gated(one));
    host.rooms?.begin();
    return host;
  }

  #definition():
    | { readonly module: ModuleDefinition; readonly name: string; readonly key: string }
    | undefined {
    const { modules, name } = this.#options;
    const parsed = parseInstanceName(name);
    const module = parsed && moduleStoredAs(modules, parsed.module);
    return parsed && module && { module, name: parsed.module, key: parsed.key };
  }
}

function asRestoreError(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  return new HoldfastError(
    "RESTORE_FAILED",
    "The stored state could not be read. The server's log says why; nothing was changed.",
  );
}
