import type { ServerMessage, ValueObject } from "@holdfast/protocol";
import type { RoomDelivery } from "./room-port.ts";
import { TestConnection, TestInstance } from "../host/host.fixture.ts";
import type { RoomsPort } from "../host/rooms/rooms.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { ConnectionDefinition } from "./define-connection.ts";

/** What an instance said to rooms and users, in order. */
export class RecordingRooms implements RoomsPort {
  readonly calls: unknown[][] = [];
  /** So many calls fail, before or behind being recorded. */
  failing = 0;
  readonly member: RoomsPort["member"];
  readonly tellUser: RoomsPort["tellUser"];

  constructor(user = "alice") {
    this.member = { connection: "UserConnection", instance: `user/user%3A${user}`, user };
    this.tellUser = (to, deliveries) => this.#call("user", to, deliveries);
  }

  readonly rooms: RoomsPort["rooms"] = {
    join: (room, member) => this.#call("join", room, member.user),
    leave: (room, member) => this.#call("leave", room, member.user),
    deliver: (room, deliveries) => this.#call("deliver", room, deliveries),
  };

  take(): unknown[][] {
    return this.calls.splice(0);
  }

  async #call(...call: unknown[]): Promise<void> {
    await Promise.resolve();
    if (this.failing > 0) {
      this.failing--;
      throw new Error("the room is away");
    }
    this.calls.push(call);
  }
}

/** One user's instance, as a page at it sees it. */
export class UserInstance extends TestInstance {
  readonly rooms: RecordingRooms;

  constructor(connection: ConnectionDefinition, options: { sql?: SqlPort } = {}) {
    const rooms = new RecordingRooms();
    super(connection.module, { ...options, key: "user:alice", rooms });
    this.rooms = rooms;
  }

  /** A page of the user, greeted. */
  page(client: string, extra: ValueObject = { userId: "alice" }): UserPage {
    const page = new UserPage(this, client, extra);
    page.connect();
    return page;
  }

  deliver(room: string | undefined, ...deliveries: readonly RoomDelivery[]): "taken" | "gone" {
    return this.host.rooms?.receive(room, deliveries) ?? "gone";
  }
}

export class UserPage {
  connection: TestConnection;
  readonly #instance: UserInstance;
  readonly #client: string;
  #seq = 0;
  #settled = 0;

  constructor(instance: UserInstance, client: string, extra: ValueObject) {
    this.#instance = instance;
    this.#client = client;
    this.connection = new TestConnection("user:alice");
    this.connection.meta = { ...this.connection.meta, user: { id: "alice" }, extra };
  }

  connect(): void {
    this.#instance.host.connect(this.connection);
    this.#instance.say(this.connection, {
      type: "hello",
      protocol: 1,
      clients: [{ id: this.#client, settled: 0 }],
    });
  }

  /** Another socket of the same page. */
  reconnect(): void {
    const { extra } = this.connection.meta;
    this.connection = new TestConnection("user:alice");
    this.connection.meta = { ...this.connection.meta, user: { id: "alice" }, extra };
    this.connect();
  }

  disconnect(): void {
    this.#instance.host.disconnect(this.connection);
  }

  emit(name: string, data?: unknown): number {
    const seq = ++this.#seq;
    this.send(seq, name, data);
    return seq;
  }

  /** All so far is answered, and known to be. */
  settle(): void {
    this.#settled = this.#seq;
  }

  send(seq: number, name: string, data?: unknown): void {
    this.#instance.say(this.connection, {
      type: "action",
      client: this.#client,
      seq,
      settled: this.#settled,
      name,
      // The tests send values.
      ...(data === undefined ? undefined : { payload: data as never }),
    });
  }

  take(): ServerMessage[] {
    return this.connection.take();
  }

  /** The messages of one type since the last look. */
  takeOnly(...types: readonly ServerMessage["type"][]): ServerMessage[] {
    return this.take().filter(({ type }) => types.includes(type));
  }
}
