import { mutantsFor } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";

const mutant = mutantsFor("rooms");
const ROOMS = "packages/server/src/host/rooms/rooms.ts";
const MEMBERSHIP = "packages/server/src/connection/room/membership.ts";
const ROOM = "packages/server/src/connection/room/room.ts";
const FAN_OUT = "packages/server/src/connection/room/fan-out.ts";

/** Bugs of connections and rooms. */
export const ROOMS_MUTANTS: readonly Mutant[] = [
  mutant("an event for a room goes out before its commit", {
    file: ROOMS,
    find: "effects.after(() => this.#postTo(target).send(letter));",
    replace: "this.#postTo(target).send(letter);",
  }),
  mutant("who is in a room is not stored with the user", {
    file: ROOMS,
    find: "effects.write(() => this.#memberships.write(room, page));",
    replace: "",
  }),
  mutant("who is in a room is not stored with the room", {
    file: MEMBERSHIP,
    find: "if (this.#listeners.size > 0) this.#sql.run(INSERT, connection, instance, user);",
    replace: "if (this.#listeners.size > 0) void INSERT;",
  }),
  mutant("who has left is back after a restart", {
    file: ROOMS,
    find: "effects.write(() => this.#memberships.erase(room, page));",
    replace: "",
  }),
  mutant("a room does not know what was sent to it again", {
    file: "packages/server/src/connection/room/senders.ts",
    find: "return number > 0 && number <= this.last(from);",
    replace: "return false;",
  }),
  mutant("a room that restarted delivers what is in doubt", {
    file: ROOM,
    find: "repeat && repeat.incarnation !== this.incarnation ? repeat.upTo : 0;",
    replace: "0;",
  }),
  mutant("a refused call goes behind what came after it", {
    file: FAN_OUT,
    find: "listener.waiting.unshift(...posted);",
    replace: "listener.waiting.push(...posted);",
  }),
  mutant("a member is called again before it has answered", {
    file: FAN_OUT,
    find: "if (!listener.isBusy) {",
    replace: "{",
  }),
  mutant("pages that are gone stay in their rooms", {
    file: ROOMS,
    find: "if (this.#gonePages().length === 0) return;",
    replace: "return;",
  }),
  mutant("another page of the user hears what is for one in the room", {
    file: ROOMS,
    find: "return (!pages || pages.has(page)) && !except.includes(page);",
    replace: "return !except.includes(page);",
  }),
  mutant("a key that is to be kept is ephemeral", {
    file: "packages/server/src/connection/compile-connection.ts",
    find: "keys.filter((key) => !persisted.includes(key))",
    replace: "keys",
  }),
  mutant("a key that is ephemeral is kept", {
    file: "packages/server/src/connection/compile-connection.ts",
    find: ").ephemeral(keys.filter((key) => !persisted.includes(key)));",
    replace: ").ephemeral([]);",
  }),
  mutant("meta is lost at hibernation", {
    file: "packages/server/src/cloudflare/socket-connection.ts",
    find: "encodeValue([user, extra])",
    replace: "encodeValue([user, undefined])",
  }),
];
