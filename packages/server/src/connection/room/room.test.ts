import { describe, expect, test } from "vitest";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import { faulty } from "../../storage/faulty-port.fixture.ts";
import { events, held, member, settled, TestRoom } from "./room.fixture.ts";

const ROWS = "SELECT instance FROM holdfast_room_members ORDER BY instance";

function tables(room: TestRoom): unknown[] {
  return room.sql.run("SELECT name FROM sqlite_master");
}

describe("membership", () => {
  test("nothing is stored before the first member, and nothing behind the last one", async () => {
    const room = new TestRoom();
    room.send(events("ann", 1));
    room.room.leave(member("ann"));
    expect(tables(room)).toEqual([]);
    room.join("ann", "bob");
    expect(room.sql.run(ROWS)).toEqual([{ instance: "ann" }, { instance: "bob" }]);
    room.room.leave(member("ann"));
    room.room.leave(member("bob"));
    expect(tables(room)).toEqual([]);
    room.join("ann");
    room.send(events("bob", 1));
    await settled();
    expect(room.heardBy("ann")).toEqual(["bob 1"]);
  });

  test("[G10] members are there after a restart, and hear what comes then", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    room.restart();
    room.join("ann");
    room.send(events("bob", 7));
    await settled();
    expect(room.room.size).toBe(2);
    expect([room.heardBy("ann"), room.heardBy("bob")]).toEqual([["bob 7"], ["bob 7"]]);
  });

  test("objects of two classes are two members, whatever they are called", async () => {
    const room = new TestRoom();
    room.room.join(member("ann"));
    room.room.join({ ...member("ann"), connection: "AdminConnection" });
    expect(room.room.size).toBe(2);
    room.room.leave(member("ann"));
    room.restart();
    expect(room.room.size).toBe(1);
  });

  test("who has left hears nothing more, not even what waited for it", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    const slow = held();
    room.behaviours.set("bob", slow.behaviour);
    room.send(events("ann", 1));
    await settled();
    room.send(events("ann", 2));
    room.room.leave(member("bob"));
    slow.letGo();
    await room.room.idle;
    expect(room.heardBy("bob")).toEqual(["ann 1"]);
    expect(room.heardBy("ann")).toEqual(["ann 1", "ann 2"]);
  });

  test("[G14] a room takes no more members than it may have, and says so", () => {
    const room = new TestRoom({ limits: { roomMembers: 2 } });
    room.join("ann", "bob");
    expect(() => room.join("cid")).toThrow(expect.objectContaining({ code: "ROOM_FULL" }));
    room.join("bob");
    room.room.leave(member("ann"));
    room.join("cid");
    expect(room.room.size).toBe(2);
  });

  test.each([0, 1])("[G4] what cannot be stored has not happened (%i members before)", (before) => {
    const sql = faulty(openNodeSqlite(":memory:"));
    const room = new TestRoom({ sql });
    if (before > 0) room.join("bob");
    for (let failAt = 1; ; failAt++) {
      sql.failAt = failAt;
      const { failures } = sql;
      let error: unknown;
      try {
        room.join("ann");
      } catch (thrown) {
        error = thrown;
      }
      sql.failAt = 0;
      if (sql.failures === failures) break;
      expect(error).toMatchObject({ code: "STORAGE_FAILED" });
      expect(room.room.size).toBe(before);
      room.restart();
      expect(room.room.size).toBe(before);
    }
    expect(room.room.size).toBe(before + 1);
    sql.failAt = 1;
    expect(() => room.room.leave(member("ann"))).toThrow(/not be stored/);
    expect(room.room.size).toBe(before + 1);
    room.restart();
    expect(room.room.size).toBe(before + 1);
  });
});

describe("delivery", () => {
  test("everybody hears all senders in one order, however slow", async () => {
    const room = new TestRoom();
    room.join("ann", "bob", "cid");
    const slow = held();
    room.behaviours.set("bob", slow.behaviour);
    for (let number = 1; number <= 5; number++) {
      room.send([...events("ann", number), ...events("cid", number)].slice(0, 1));
      room.send(events("cid", number));
      await settled();
    }
    slow.letGo();
    await room.room.idle;
    const order = room.heardBy("ann");
    expect(order).toHaveLength(10);
    expect(order.filter((text) => text.startsWith("cid"))).toEqual(
      events("cid", 1, 5).map(({ text }) => text),
    );
    expect(room.heardBy("bob")).toEqual(order);
    expect(room.heardBy("cid")).toEqual(order);
  });

  test("a slow member holds up nobody, and is then told all that waits in one call", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    const slow = held();
    room.behaviours.set("bob", slow.behaviour);
    for (let number = 1; number <= 20; number++) {
      room.send(events("ann", number));
      await settled();
    }
    expect(room.heardBy("ann")).toHaveLength(20);
    expect(room.calls.get("bob")).toEqual([1]);
    slow.letGo();
    await room.room.idle;
    expect(room.calls.get("bob")).toEqual([1, 19]);
  });

  test("a number that was taken before is dropped, of its own sender only", async () => {
    const room = new TestRoom();
    room.join("ann");
    room.send(events("bob", 1, 3));
    room.send(events("bob", 2, 3));
    room.send(events("cid", 1, 1));
    await settled();
    expect(room.heardBy("ann")).toEqual(["bob 1", "bob 2", "bob 3", "bob 4", "cid 1"]);
  });

  test("[G14] it remembers the senders that sent last, and no more of them than it may", async () => {
    const room = new TestRoom({ limits: { roomSenders: 2 } });
    room.join("ann");
    for (const sender of ["old", "bob"]) room.send(events(sender, 1));
    room.send(events("old", 2));
    room.send(events("cid", 1));
    room.send(events("old", 1, 2));
    room.send(events("bob", 1));
    await settled();
    // `bob` was pushed out; the others are known.
    expect(room.heardBy("ann")).toEqual(["old 1", "bob 1", "old 2", "cid 1", "bob 1"]);
  });

  test("users that a delivery is not for are passed over", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    const [first] = events("bob", 1);
    room.send([{ ...first!, except: ["user of bob", "some connection"] }]);
    await settled();
    expect(room.heardBy("ann")).toEqual(["bob 1"]);
    expect(room.calls.get("bob")).toBeUndefined();
  });

  test("[G14] at most as many calls as allowed are under way, and begin in one event", async () => {
    const room = new TestRoom();
    const names = Array.from({ length: 1_300 }, (_, index) => `member ${index}`);
    room.join(...names);
    room.send(events("ann", 1));
    await room.room.idle;
    expect(names.every((name) => room.heardBy(name).length === 1)).toBe(true);
    expect(room.mostUnderWay).toBe(500);
    expect(room.mostBegun).toBe(500);
    expect(room.ownEvents).toBe(2);
  });

  test("[G14] what waits for a slow member is bounded: its oldest are dropped, and the operator is told once", async () => {
    const room = new TestRoom({ limits: { roomQueue: 3 } });
    room.join("ann", "bob");
    const slow = held();
    room.behaviours.set("bob", slow.behaviour);
    for (let number = 1; number <= 8; number++) {
      room.send(events("ann", number));
      await settled();
    }
    slow.letGo();
    await room.room.idle;
    expect(room.heardBy("bob")).toEqual(["ann 1", "ann 6", "ann 7", "ann 8"]);
    expect(room.heardBy("ann")).toHaveLength(8);
    expect(room.warnings).toEqual([expect.stringContaining("does not keep up")]);
  });

  test("[G14] what all slow members together hold is bounded: then the room is busy, until they are told", async () => {
    const room = new TestRoom({ limits: { roomHeldBytes: 100 } });
    room.join("ann", "bob");
    const slow = [held(), held()] as const;
    room.behaviours.set("ann", slow[0].behaviour);
    room.behaviours.set("bob", slow[1].behaviour);
    const large = events("cid", 1, 10).map((one) => ({ ...one, text: "x".repeat(60) }));
    expect(() => room.send(large)).toThrow(expect.objectContaining({ code: "BUSY" }));
    const reached = room.room.reached("cid");
    expect(reached).toBeGreaterThan(0);
    expect(reached).toBeLessThan(10);
    await settled();
    for (const one of slow) one.letGo();
    await room.room.idle;
    for (let tries = 0; tries < 10 && room.room.reached("cid") < 10; tries++) {
      try {
        room.send(large);
      } catch {
        await room.room.idle;
      }
    }
    await room.room.idle;
    expect(room.heardBy("ann")).toHaveLength(10);
    expect(room.heardBy("bob")).toHaveLength(10);
  });
});

describe("members that are gone", () => {
  test("one that says so is taken out, durably", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    room.behaviours.set("bob", () => "gone");
    room.send(events("ann", 1));
    await settled();
    expect(room.sql.run(ROWS)).toEqual([{ instance: "ann" }]);
    room.send(events("ann", 2));
    await settled();
    expect(room.calls.get("bob")).toEqual([1]);
  });

  test("one that has joined again meanwhile stays", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    const late = held();
    room.behaviours.set("bob", late.behaviour);
    room.send(events("ann", 1));
    await settled();
    room.join("bob");
    late.letGo("gone");
    await room.room.idle;
    room.behaviours.delete("bob");
    room.send(events("ann", 2));
    await room.room.idle;
    expect(room.heardBy("bob")).toEqual(["ann 2"]);
    room.restart();
    expect(room.room.size).toBe(2);
  });

  test("what cannot be deleted is asked again at the next delivery", async () => {
    const sql = faulty(openNodeSqlite(":memory:"));
    const room = new TestRoom({ sql });
    room.join("ann", "bob");
    room.behaviours.set("bob", () => "gone");
    sql.failAt = 1;
    room.send(events("ann", 1));
    await settled();
    expect(room.room.size).toBe(2);
    expect(room.reports).toHaveLength(1);
    room.send(events("ann", 2));
    await settled();
    expect(room.room.size).toBe(1);
  });

  test("one that fails is called again, never with the same; the operator is told once", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    let failures = 0;
    room.behaviours.set("bob", () => {
      if (++failures === 1) throw new Error("the object restarted");
      return "taken";
    });
    room.send(events("ann", 1));
    room.send(events("ann", 2));
    await settled();
    room.send(events("ann", 3));
    for (let step = 0; step < 5; step++) await room.move(1_000);
    await room.room.idle;
    expect(room.heardBy("bob")).toEqual(["ann 2", "ann 3"]);
    expect(room.room.size).toBe(2);
    expect(room.reports).toHaveLength(1);
  });

  test("one that could not be reached at all is told later, in order, and loses nothing", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    let failures = 0;
    room.behaviours.set("bob", async () => {
      await settled();
      if (++failures <= 2) throw Object.assign(new Error("overloaded"), { overloaded: true });
      return "taken" as const;
    });
    room.send(events("ann", 1, 2));
    room.send(events("ann", 3));
    for (let step = 0; step < 10; step++) await room.move(1_000);
    expect(failures).toBe(3);
    expect(room.heardBy("bob")).toEqual(["ann 1", "ann 2", "ann 3"]);
  });

  test("one that does not answer is not waited for any longer than allowed", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    const never = held();
    room.behaviours.set("bob", never.behaviour);
    room.send(events("ann", 1));
    room.send(events("ann", 2));
    await settled();
    room.behaviours.delete("bob");
    await room.move(room.limits.roomCallMs);
    await room.move(1_000);
    await room.room.idle;
    expect(room.heardBy("bob")).toEqual(["ann 2"]);
    expect(room.timers).toBe(0);
  });

  test("one that fails for a minute is given up, and is welcome again", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    room.behaviours.set("bob", () => {
      throw new Error("the object is broken");
    });
    let number = 0;
    const until = room.now + 59_000;
    while (room.now < until) {
      room.send(events("ann", ++number));
      await room.move(1_000);
    }
    expect(room.room.size).toBe(2);
    for (let step = 0; step < 4; step++) {
      room.send(events("ann", ++number));
      await room.move(1_000);
    }
    expect(room.room.size).toBe(1);
    expect(room.sql.run(ROWS)).toEqual([{ instance: "ann" }]);
    room.behaviours.delete("bob");
    room.join("bob");
    room.send(events("ann", ++number));
    await room.room.idle;
    expect(room.heardBy("bob")).toEqual([`ann ${number}`]);
  });

  test("no timer is left when nothing waits", async () => {
    const room = new TestRoom();
    room.join("ann", "bob");
    room.behaviours.set("bob", () => {
      throw new Error("the object is broken");
    });
    room.send(events("ann", 1));
    await room.room.idle;
    expect(room.timers).toBe(0);
  });
});
