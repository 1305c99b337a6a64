import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { RoomDelivery, RoomMember, RoomPort } from "../connection/room-port.ts";
import { roomObjectsOf, roomPort } from "./rooms.ts";

const WAIT = { timeout: 20_000, interval: 20 };
let names = 0;

/** A room of its own, and members that write down what they hear. */
function place() {
  const id = `${Date.now()}-${names++}`;
  const room = `room ${id}`;
  const object = roomObjectsOf(undefined, { exports }).getByName(room);
  const ear = (name: string) => exports.EarObject.getByName(`${id} ${name}`);
  return {
    room,
    object,
    port: (): RoomPort => roomPort(undefined, { exports }),
    ear,
    member: (name: string): RoomMember => ({
      connection: "EarObject",
      instance: `${id} ${name}`,
      user: name,
    }),
    rows: () =>
      runInDurableObject(object, async (_, state) =>
        state.storage.sql
          .exec("SELECT name FROM sqlite_master WHERE name = 'holdfast_room_members'")
          .toArray().length === 0
          ? []
          : state.storage.sql
              .exec("SELECT user FROM holdfast_room_members ORDER BY user")
              .toArray(),
      ),
    hears: (name: string, texts: readonly string[]) =>
      vi.waitFor(async () => expect(await ear(name).heard()).toEqual(texts), WAIT),
  };
}

function event(number: number, text: string, except: readonly string[] = []): RoomDelivery {
  return { from: "ann, this time", number, text, except };
}

test("everybody in a room hears what is sent there, in order, but who is excepted", async () => {
  const { room, port, member, hears } = place();
  const rooms = port();
  await Promise.all(["ann", "bob"].map((name) => rooms.join(room, member(name))));
  await rooms.deliver(room, [event(1, "one"), event(2, "two", ["ann"])]);
  await rooms.deliver(room, [event(3, "three")]);
  await hears("bob", ["one", "two", "three"]);
  await hears("ann", ["one", "three"]);
});

test("[G10] a room that was evicted knows its members, and members that were evicted hear", async () => {
  const { room, object, port, member, ear, hears } = place();
  const rooms = port();
  await rooms.join(room, member("ann"));
  await rooms.join(room, member("bob"));
  await rooms.deliver(room, [event(1, "one")]);
  await hears("bob", ["one"]);
  await evictDurableObject(object);
  await evictDurableObject(ear("bob"));
  await rooms.deliver(room, [event(2, "two")]);
  await hears("ann", ["one", "two"]);
  await hears("bob", ["one", "two"]);
  await evictDurableObject(object);
  await rooms.leave(room, member("bob"));
  await evictDurableObject(object);
  await rooms.deliver(room, [event(3, "three")]);
  await hears("ann", ["one", "two", "three"]);
  expect(await ear("bob").heard()).toEqual(["one", "two"]);
});

test("an operator sees how many are in a room; to look at one stores nothing", async () => {
  const { room, object, port, member, rows } = place();
  expect(await object.holdfastInspect()).toEqual({ room, members: 0, isDelivering: false });
  expect(await rows()).toEqual([]);
  await port().join(room, member("ann"));
  await evictDurableObject(object);
  expect(await object.holdfastInspect()).toMatchObject({ members: 1 });
});

test("a room stores nothing before its first member and behind its last one, and loses who is gone", async () => {
  const { room, port, member, ear, rows, hears } = place();
  const rooms = port();
  await rooms.deliver(room, [event(1, "nobody hears")]);
  await rooms.leave(room, member("ann"));
  expect(await rows()).toEqual([]);
  await rooms.join(room, member("ann"));
  await rooms.join(room, member("bob"));
  expect(await rows()).toEqual([{ user: "ann" }, { user: "bob" }]);
  await ear("bob").answerWith("gone");
  await rooms.deliver(room, [event(2, "two")]);
  await vi.waitFor(async () => expect(await rows()).toEqual([{ user: "ann" }]), WAIT);
  await ear("bob").answerWith("taken");
  await rooms.join(room, member("bob"));
  await rooms.deliver(room, [event(3, "three")]);
  await hears("bob", ["three"]);
  await rooms.leave(room, member("bob"));
  await rooms.leave(room, member("ann"));
  expect(await rows()).toEqual([]);
});

test("more members than one event may call are reached all the same", async () => {
  const { room, port, member, ear } = place();
  const rooms = port();
  const members = Array.from({ length: 50 }, (_, index) => `member ${index}`);
  await Promise.all(members.map((name) => rooms.join(room, member(name))));
  await rooms.deliver(room, [event(1, "all")]);
  await vi.waitFor(async () => {
    const heard = await Promise.all(members.map((name) => ear(name).heard()));
    expect(heard).toEqual(members.map(() => ["all"]));
  }, WAIT);
});

test("[G19] a class that is not there is the operator's to know, not a sender's", async () => {
  const { room, port, member, hears } = place();
  const rooms = port();
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  await rooms.join(room, { ...member("bob"), connection: "NoSuchConnection" });
  await rooms.join(room, member("ann"));
  await rooms.deliver(room, [event(1, "one")]);
  await hears("ann", ["one"]);
  expect(errors).toHaveBeenCalledOnce();
  expect(errors.mock.calls[0]?.join(" ")).toContain("NoSuchConnection");
  errors.mockRestore();
});
