import { DurableObject } from "cloudflare:workers";
import {
  type Answer,
  HoldfastError,
  type Limits,
  PING_FRAME,
  PONG_FRAME,
  randomToken,
} from "@holdfast/protocol";
import type { RoomDelivery } from "../connection/room-port.ts";
import type { InstanceReport } from "../host/admin.ts";
import type { AdminAnswer, AdminTask } from "../host/administration.ts";
import type { ConnectionIdentity } from "../host/connection.ts";
import { Instance } from "../host/instance.ts";
import type { RemoteCall } from "../host/instance-handle.ts";
import type { SnapshotAnswer } from "../host/page-snapshot.ts";
import type { Adoption, AdoptOutcome, Move, MoveOutcome } from "../host/move/move.ts";
import type { Platform } from "../host/platform.ts";
import type { Modules } from "../module/definition.ts";
import { loadAsyncContext } from "../system/running.ts";
import { connectionPort } from "./connection-port.ts";
import { setDurableAlarm } from "./durable-alarm.ts";
import { decodeIdentity } from "./identity-header.ts";
import { type ModuleObjectInstance, objectsOf } from "./objects.ts";
import { movePort, notHere } from "./reach.ts";
import { SocketConnection } from "./socket-connection.ts";
import { durableObjectPort } from "./sql-port.ts";
import { WORKER_PLATFORM } from "./worker-platform.ts";

/** The name of the object that keeps the generated secret; no instance has a name like it. */
export const SECRET_OBJECT = "secret";

const SECRET_KEY = "holdfast secret";
/** 258 random bits. */
const SECRET_CHARACTERS = 43;

/** The class that `export const ModuleObject` gives to the platform. */
export type ModuleObjectClass = new (
  state: DurableObjectState,
  env: unknown,
) => ModuleObjectInstance;

/** The one Durable Object class that hosts every module of an app, an object per instance. */
export function createModuleObject(
  modules: Modules,
  limits: () => Limits,
  { usesSystems }: { readonly usesSystems: boolean },
): ModuleObjectClass {
  return class ModuleObject extends DurableObject implements ModuleObjectInstance {
    readonly #instance: Instance;
    readonly #connections = new Map<WebSocket, SocketConnection>();

    constructor(state: DurableObjectState, env: unknown) {
      super(state, env as Cloudflare.Env);
      if (usesSystems) void state.blockConcurrencyWhile(loadAsyncContext);
      // A ping wakes nobody.
      state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_FRAME, PONG_FRAME));
      this.#instance = new Instance({
        modules,
        name: state.id.name ?? "",
        sql: durableObjectPort(state.storage),
        platform: platform(state),
        limits: limits(),
        env,
        port: (module) => movePort(() => objectsOf(env, state), module),
        rooms: (place) => connectionPort(place, env, state),
        connections: () => this.#open(),
        // Nobody gets in while it goes.
        vacate: () => state.blockConcurrencyWhile(() => state.storage.deleteAll()),
      });
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
      return this.#instance.exportState();
    }

    async holdfastImport(backup: string): Promise<void> {
      await this.#instance.importState(backup);
    }

    async holdfastDestroy(): Promise<void> {
      await this.#instance.destroy();
    }

    async holdfastInspect(): Promise<InstanceReport> {
      return this.#instance.inspect();
    }

    async holdfastAdminister(task: AdminTask): Promise<AdminAnswer> {
      return this.#instance.administer(task);
    }

    async holdfastSnapshot(identity: ConnectionIdentity): Promise<SnapshotAnswer> {
      return this.#instance.snapshot(identity);
    }

    async holdfastCall(call: RemoteCall): Promise<Answer> {
      return this.#instance.call(call);
    }

    /** The Worker's request: the socket of somebody whom it admitted. */
    override async fetch(request: Request): Promise<Response> {
      const identity = decodeIdentity(request);
      if (!identity) return new Response("Only Holdfast's own Worker may ask.", { status: 403 });
      const where = await this.#instance.locate(identity);
      if (where instanceof HoldfastError || where.type !== "here") return notHere(where);
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      const connection = SocketConnection.begin(server, {
        ...identity,
        generation: where.generation,
      });
      this.#connections.set(server, connection);
      this.#instance.connect(connection);
      const headers = new Headers();
      const protocol = request.headers.get("Sec-WebSocket-Protocol");
      if (protocol) headers.set("Sec-WebSocket-Protocol", protocol);
      return new Response(null, { status: 101, webSocket: client, headers });
    }

    override webSocketMessage(
      socket: WebSocket,
      frame: string | ArrayBuffer,
    ): void | Promise<void> {
      this.#instance.receive(this.#connectionOf(socket), frame);
      // For the platform's sake: an object that hibernated would forget what runs.
      return this.#instance.running?.then(() => undefined);
    }

    override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
      this.#forget(socket);
      try {
        // Without the answer, the peer waits ten seconds for it. Reserved codes cannot be sent.
        socket.close(code === 1005 || code === 1006 ? 1000 : code, reason);
      } catch {
        // Closed already.
      }
      await this.#instance.running;
    }

    override async webSocketError(socket: WebSocket): Promise<void> {
      this.#forget(socket);
      await this.#instance.running;
    }

    /** The one alarm of an object, which its host shares out. */
    override async alarm(): Promise<void> {
      await this.#instance.ring();
    }

    async holdfastEvents(
      room: string | undefined,
      deliveries: readonly RoomDelivery[],
    ): Promise<"taken" | "gone"> {
      return this.#instance.take(room, deliveries);
    }

    /** What another object of the module asks of this one. */
    async holdfastBegin(move: Move): Promise<MoveOutcome> {
      return this.#instance.begin(move);
    }

    async holdfastAdopt(adoption: Adoption): Promise<AdoptOutcome> {
      return this.#instance.adopt(adoption);
    }

    #forget(socket: WebSocket): void {
      const connection = this.#connectionOf(socket);
      this.#connections.delete(socket);
      this.#instance.disconnect(connection);
    }

    #open(): SocketConnection[] {
      // One that was closed is listed until its peer has answered.
      return this.ctx
        .getWebSockets()
        .filter(({ readyState }) => readyState === WebSocket.OPEN)
        .map((socket) => this.#connectionOf(socket));
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
    ...WORKER_PLATFORM,
    abort: (reason) => state.abort(reason),
    setAlarm: (at) => setDurableAlarm(state, at),
    pause: () => state.storage.sync(),
  };
}
