import {
  cloneValue,
  encodeValue,
  exceedsBytes,
  HoldfastError,
  type Limits,
  type ValueObject,
} from "@holdfast/protocol";
import type { ConnectionEngine, Sender } from "../module/connection-engine.ts";
import { unwrap } from "../state/unwrap.ts";
import type { User } from "../module/user.ts";
import type { Audience } from "./audience.ts";
import { type Connection, pageOf } from "./connection.ts";
import type { Effects } from "./effects.ts";
import type { Greeter } from "./greeter.ts";
import type { Teller } from "./teller.ts";
import { Rooms, type RoomsParts, type RoomsPort } from "./rooms/rooms.ts";

/** What the side of connections works with. */
export interface ConnectionSideParts extends Omit<RoomsParts, "port" | "everybody" | "tell"> {
  /** Without it there are no rooms. */
  readonly port: RoomsPort | undefined;
  readonly audience: Audience;
  readonly greeter: Greeter;
  readonly teller: Teller;
}

/** One run of a handler. */
export interface ConnectionRun {
  readonly name: string;
  readonly connection: Connection | undefined;
  /** Its page, where `hello` has not been answered yet. */
  readonly page: string | undefined;
  readonly effects: Effects;
}

/** What an instance of a connection does beside what every instance does. */
export class ConnectionSide {
  readonly rooms: Rooms | undefined;
  readonly #parts: ConnectionSideParts;
  readonly #warned = new Set<string>();

  constructor(parts: ConnectionSideParts) {
    this.#parts = parts;
    const { port, audience, teller } = parts;
    if (!port) return;
    this.rooms = new Rooms({
      ...parts,
      port,
      everybody: () => audience.everybody(),
      tell: (news) => teller.tell(news),
    });
  }

  /** What the handler of an event is given. */
  engine(run: ConnectionRun): ConnectionEngine {
    return new RunEngine(this, this.#parts, run);
  }

  warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#parts.platform.warn(message);
  }
}

class RunEngine implements ConnectionEngine {
  readonly sender: Sender | undefined;
  readonly #side: ConnectionSide;
  readonly #parts: ConnectionSideParts;
  readonly #run: ConnectionRun;

  constructor(side: ConnectionSide, parts: ConnectionSideParts, run: ConnectionRun) {
    this.#side = side;
    this.#parts = parts;
    this.#run = run;
    const { connection, page, effects } = run;
    if (connection) this.sender = new ConnectionSender(connection, page, effects, parts);
  }

  emit(
    target: Parameters<ConnectionEngine["emit"]>[0],
    { event, data, except }: Parameters<ConnectionEngine["emit"]>[1],
  ): void {
    const { effects } = this.#run;
    const member = this.#parts.port?.member;
    const isOwn = target.type === "user" && target.user === member?.user;
    if (target.type === "own" || isOwn) {
      const to = ({ meta }: Connection): boolean => !except.includes(pageOf(meta) ?? "");
      effects.emit(event, data, except.length > 0 ? to : undefined);
    } else {
      const text = effects.encode(event, data);
      this.#rooms.emit(effects, target, { type: "deliver", text, except });
    }
  }

  join(room: string): void {
    this.#rooms.join(this.#run.effects, this.#page, room);
  }

  leave(room: string): void {
    this.#rooms.leave(this.#run.effects, this.#page, room);
  }

  unwrap<Value>(value: Value): Value {
    return unwrap(value);
  }

  warnOnce(message: string): void {
    this.#side.warnOnce(message);
  }

  get #rooms(): Rooms {
    if (this.#side.rooms) return this.#side.rooms;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      "There are no rooms here, and no other users: the platform that runs this instance has none.",
    );
  }

  get #page(): string {
    const { sender } = this;
    if (sender) return sender.id;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `"${this.#run.name}" was run by the server itself, and it is connections that are in rooms. Join in the handler of an event, or in onConnect.`,
    );
  }
}

class ConnectionSender implements Sender {
  readonly id: string;
  readonly #connection: Connection;
  readonly #effects: Effects;
  readonly #parts: ConnectionSideParts;

  constructor(
    connection: Connection,
    page: string | undefined,
    effects: Effects,
    parts: ConnectionSideParts,
  ) {
    this.id = page ?? pageOf(connection.meta) ?? "";
    this.#connection = connection;
    this.#effects = effects;
    this.#parts = parts;
  }

  get meta(): ValueObject {
    return this.#connection.meta.extra ?? {};
  }

  setMeta(patch: ValueObject): void {
    const connection = this.#connection;
    const before = this.meta;
    // A clone of a plain object is a plain object.
    const extra = cloneValue({ ...before, ...unwrap(patch) }, ["meta"]) as ValueObject;
    checkMeta(connection.meta.user, extra, this.#parts.limits);
    connection.remember({ ...connection.meta, extra });
    // Others may have set other fields since.
    this.#effects.undo(() => {
      const now = { ...connection.meta.extra };
      for (const field of Object.keys(patch)) {
        if (Object.hasOwn(before, field)) now[field] = before[field] as ValueObject[string];
        else delete now[field];
      }
      connection.remember({ ...connection.meta, extra: now });
    });
    this.#effects.after(() => this.#parts.greeter.seeAgain(connection));
  }
}

/**
 * What is kept with a socket has room for only so much.
 *
 * @throws HoldfastError `META_TOO_LARGE`
 */
export function checkMeta(user: User | null, extra: ValueObject, limits: Limits): void {
  // What `authenticate` returned was found to be a value.
  if (!exceedsBytes(encodeValue([user as ValueObject | null, extra]), limits.metaBytes)) return;
  throw new HoldfastError(
    "META_TOO_LARGE",
    `The user and the meta of a connection are larger than ${limits.metaBytes} bytes together. Keep ids there, and look up the rest in the state.`,
  );
}
