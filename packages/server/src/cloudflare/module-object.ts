import { DurableObject } from "cloudflare:workers";
import {
  type Answer,
  decodeValue,
  HoldfastError,
  type Limits,
  PING_FRAME,
  PONG_FRAME,
  randomToken,
} from "@holdfast/protocol";
import type { RoomDelivery } from "../connection/room-port.ts";
import type { InstanceReport } from "../host/admin.ts";
import { envOf } from "../host/call-chain.ts";
import { closeWith } from "../host/close.ts";
import { mindsLeaving } from "../host/hooks.ts";
import type { ConnectionIdentity } from "../host/connection.ts";
import type { Adoption, AdoptOutcome, Move, MoveOutcome } from "../host/move/move.ts";
import type { Moves, Whereabouts } from "../host/move/moves.ts";
import { Host } from "../host/host.ts";
import type { Platform } from "../host/platform.ts";
import type { Modules } from "../module/definition.ts";
import { loadAsyncContext } from "../system/running.ts";
import { parseInstanceName } from "../module/instance-name.ts";
import { connectionPort } from "./connection-port.ts";
import { setDurableAlarm } from "./durable-alarm.ts";
import { decodeIdentity } from "./identity-header.ts";
import type { RemoteCall } from "./instance-handle.ts";
import { type ModuleObjectInstance, objectsOf } from "./objects.ts";
import { movePort, notHere } from "./reach.ts";
import { SocketConnection } from "./socket-connection.ts";
import { durableObjectPort } from "./sql-port.ts";

/** The name of the object that keeps the generated secret; no instance has a name like it. */
export const SECRET_OBJECT = "secret";

const SECRET_KEY = "holdfast secret";
/** 258 random bits. */
const SECRET_CHARACTERS = 43;

/** An alarm that finds no state to work on comes again: the next deploy may read it. */
const UNRESTORED_MS = 300_000;

/** The class that `export const ModuleObject` gives to the platform. */
export type ModuleObjectClass = new (
  state: DurableObjectState,
  env: unknown,
) => ModuleObjectInstance;

/** The one Durable Object class that hosts every module of an app, an object per instance. */
export function createModuleObject(
  modules: Modules,
  limits: Limits,
  { usesSystems }: { readonly usesSystems: boolean },
): ModuleObjectClass {
  return class ModuleObject extends DurableObject implements ModuleObjectInstance {
    #host: Host | undefined;
    readonly #connections = new Map<WebSocket, SocketConnection>();

    constructor(state: DurableObjectState, env: unknown) {
      super(state, env as Cloudflare.Env);
      if (usesSystems) void state.blockConcurrencyWhile(loadAsyncContext);
      // A ping wakes nobody.
      state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_FRAME, PONG_FRAME));
    }

    /** Kept for ever once made: sessions signed with it live on. */
    async holdfastSecret(): Promise<string> {
      const { kv } = this.ctx.storage;
      const stored = kv.get<string>(SECRET_KEY);
      if (stored) return stored;
      const secret = randomToken(SECRET_CHARACTERS);
      kv.put(SECRET_KEY, secret);
      return secret;
    }

    async holdfastExport(): Promise<string> {
      return this.#hostNow().exportState();
    }

    async holdfastImport(backup: string): Promise<void> {
      await this.#hostNow().importState(backup);
      this.#replaceHost();
    }

    async holdfastDestroy(): Promise<void> {
      this.#hostNow().destroy();
      this.#replaceHost();
    }

    async holdfastInspect(): Promise<InstanceReport> {
      return this.#hostNow().inspect();
    }

    /** @throws HoldfastError where the instance cannot be restored */
    #hostNow(): Host {
      return (this.#host ??= this.#restoreHost());
    }

    /** Another history has begun: whoever is connected is given its state. */
    #replaceHost(): void {
      this.#host = undefined;
      this.#hostNow();
    }

    async holdfastCall({ action, payload, chain }: RemoteCall): Promise<Answer> {
      let host: Host;
      try {
        host = this.#host ??= this.#restoreHost();
      } catch (error) {
        platform(this.ctx).report(error, "The instance could not be restored");
        const { code, message } = asRestoreError(error);
        return { type: "reject", error: { code, message } };
      }
      const env = chain.length > 0 ? envOf(this.env, [...chain, this.#name]) : undefined;
      const value = payload === undefined ? undefined : decodeValue(payload);
      return await host.call({ action, payload: value, env });
    }

    /** The Worker's request: the socket of somebody whom it admitted. */
    override async fetch(request: Request): Promise<Response> {
      const identity = decodeIdentity(request);
      if (!identity) return new Response("Only Holdfast's own Worker may ask.", { status: 403 });
      const where = await this.#locate(identity);
      if (where instanceof HoldfastError || where.type !== "here") return notHere(where);
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      const connection = SocketConnection.begin(server, {
        ...identity,
        generation: where.generation,
      });
      this.#connections.set(server, connection);
      this.#withHost(connection, (host, fresh) => {
        // A fresh host has taken in every open socket, this one with them.
        if (!fresh) host.connect(connection);
      });
      const headers = new Headers();
      const protocol = request.headers.get("Sec-WebSocket-Protocol");
      if (protocol) headers.set("Sec-WebSocket-Protocol", protocol);
      return new Response(null, { status: 101, webSocket: client, headers });
    }

    override webSocketMessage(
      socket: WebSocket,
      frame: string | ArrayBuffer,
    ): void | Promise<void> {
      const connection = this.#connectionOf(socket);
      this.#withHost(connection, (host) => host.receive(connection, frame));
      // For the platform's sake: an object that hibernated would forget what runs.
      return this.#host?.running?.then(() => undefined);
    }

    override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
      this.#forget(socket);
      try {
        // Without the answer, the peer waits ten seconds for it. Reserved codes cannot be sent.
        socket.close(code === 1005 || code === 1006 ? 1000 : code, reason);
      } catch {
        // Closed already.
      }
      await this.#host?.running;
    }

    override async webSocketError(socket: WebSocket): Promise<void> {
      this.#forget(socket);
      await this.#host?.running;
    }

    /** The one alarm of an object, which its host shares out. */
    override async alarm(): Promise<void> {
      let host: Host;
      try {
        host = this.#host ??= this.#restoreHost();
      } catch (error) {
        platform(this.ctx).report(error, "The instance could not be restored for its alarm");
        setDurableAlarm(this.ctx, Date.now() + UNRESTORED_MS);
        return;
      }
      await host.alarms.ring();
    }

    get #name(): string {
      return this.ctx.id.name ?? "";
    }

    async holdfastDeliver(
      room: string | undefined,
      deliveries: readonly RoomDelivery[],
    ): Promise<"taken" | "gone"> {
      return (this.#host ??= this.#restoreHost()).rooms?.receive(room, deliveries) ?? "gone";
    }

    /** What another object of the module asks of this one. */
    async holdfastBegin(move: Move): Promise<MoveOutcome> {
      return this.#movesForCall().begin(move);
    }

    async holdfastAdopt(adoption: Adoption): Promise<AdoptOutcome> {
      return this.#movesForCall().adopt(adoption);
    }

    #movesForCall(): Moves {
      const { moves } = (this.#host ??= this.#restoreHost());
      if (moves) return moves;
      throw new Error("A session was moved to a module whose key is not derived from its state.");
    }

    /** Whether a connection belongs here: elsewhere only where the key is derived from the state. */
    async #locate(identity: ConnectionIdentity): Promise<Whereabouts | HoldfastError> {
      try {
        const host = (this.#host ??= this.#restoreHost());
        if (host.moves) return await host.moves.locate(identity);
      } catch (error) {
        // What cannot be restored is told on the socket, like any other time.
        if (error instanceof HoldfastError && error.code === "BUSY") return error;
      }
      return { type: "here", generation: identity.generation };
    }

    #forget(socket: WebSocket): void {
      const connection = this.#connectionOf(socket);
      this.#connections.delete(socket);
      // Without one in memory there is nothing to forget; some modules want to know all the same.
      if (!this.#host && !this.#minds()) return;
      this.#withHost(connection, (host) => host.disconnect(connection));
    }

    /** Whether the module has something to do when a connection goes. */
    #minds(): boolean {
      const name = parseInstanceName(this.#name)?.module;
      const module = name === undefined ? undefined : modules[name];
      return module !== undefined && mindsLeaving(module);
    }

    /** Calls with the host, restored if it must be; where that fails, says why to the connection. */
    #withHost(connection: SocketConnection, use: (host: Host, fresh: boolean) => void): void {
      const fresh = !this.#host;
      let host: Host;
      try {
        host = this.#host ??= this.#restoreHost();
      } catch (error) {
        platform(this.ctx).report(error, "The instance could not be restored");
        closeWith(connection, asRestoreError(error));
        return;
      }
      use(host, fresh);
    }

    #restoreHost(): Host {
      const instance = parseInstanceName(this.#name);
      const module = instance && modules[instance.module];
      if (!instance || !module) {
        throw new HoldfastError(
          "UNKNOWN_MODULE",
          "This object belongs to a module that the code no longer has. Its state is untouched; add the module again to reach it.",
        );
      }
      const host = new Host({
        module,
        name: module.name ?? instance.module,
        key: instance.key,
        sql: durableObjectPort(this.ctx.storage),
        platform: platform(this.ctx),
        limits,
        env: envOf(this.env, [this.#name]),
        port: movePort(() => objectsOf(this.env, this.ctx), instance.module),
        rooms: module.connection && connectionPort(module.connection, instance, this.env, this.ctx),
      });
      for (const socket of this.ctx.getWebSockets()) {
        // One that was closed is listed until its peer has answered.
        if (socket.readyState === WebSocket.OPEN) host.connect(this.#connectionOf(socket));
      }
      host.rooms?.begin();
      return host;
    }

    #connectionOf(socket: WebSocket): SocketConnection {
      let connection = this.#connections.get(socket);
      if (!connection) {
        connection = SocketConnection.restore(socket);
        this.#connections.set(socket, connection);
      }
      return connection;
    }
  };
}

function platform(state: DurableObjectState): Platform {
  return {
    now: () => Date.now(),
    token: randomToken,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    abort: (reason) => state.abort(reason),
    setAlarm: (at) => setDurableAlarm(state, at),
    warn: (message) => console.warn(`Holdfast: ${message}`),
    report: (error, what) => console.error(`Holdfast: ${what}.`, error),
  };
}

function asRestoreError(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  return new HoldfastError(
    "RESTORE_FAILED",
    "The stored state could not be read. The server's log says why; nothing was changed.",
  );
}
