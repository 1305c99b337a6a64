import { expect, test } from "vitest";
import { linkTo } from "./link.fixture.ts";
import { events, held, member, settled, TestRoom } from "./room.fixture.ts";

test("what was lost on its way is delivered at the second try", async () => {
  const room = new TestRoom();
  const { link, fates } = linkTo(room);
  await link.join("lobby", member("bob"));
  fates.push("lost");
  await expect(link.deliver("lobby", events("ann", 1, 2))).rejects.toThrow("down");
  await link.deliver("lobby", events("ann", 1, 3));
  await room.room.idle;
  expect(room.heardBy("bob")).toEqual(["ann 1", "ann 2", "ann 3"]);
});

test("what arrived without an answer is not delivered twice", async () => {
  const room = new TestRoom();
  const { link, fates } = linkTo(room);
  await link.join("lobby", member("bob"));
  fates.push("answer lost");
  await expect(link.deliver("lobby", events("ann", 1, 2))).rejects.toThrow("down");
  await link.deliver("lobby", events("ann", 1, 3));
  await room.room.idle;
  expect(room.heardBy("bob")).toEqual(["ann 1", "ann 2", "ann 3"]);
});

test("nor by a room that restarted in between: what is in doubt is lost, what comes then is not", async () => {
  const room = new TestRoom();
  const { link, fates } = linkTo(room);
  await link.join("lobby", member("bob"));
  await link.deliver("lobby", events("ann", 1, 1));
  await room.room.idle;
  fates.push("answer lost");
  await expect(link.deliver("lobby", events("ann", 2, 2))).rejects.toThrow("down");
  await room.room.idle;
  room.restart();
  await link.deliver("lobby", events("ann", 2, 3));
  await room.room.idle;
  expect(room.heardBy("bob")).toEqual(["ann 1", "ann 2", "ann 3", "ann 4"]);
  expect(room.warnings).toEqual([expect.stringContaining("restarted")]);
});

test("what the platform refused to deliver is not in doubt", async () => {
  const room = new TestRoom();
  const { link, fates } = linkTo(room);
  await link.join("lobby", member("bob"));
  fates.push("refused");
  await expect(link.deliver("lobby", events("ann", 1, 2))).rejects.toThrow("overloaded");
  room.restart();
  await link.deliver("lobby", events("ann", 1, 2));
  await room.room.idle;
  expect(room.heardBy("bob")).toEqual(["ann 1", "ann 2"]);
});

test("what a busy room did not take is not in doubt, also when it restarts then", async () => {
  const room = new TestRoom({ limits: { roomHeldBytes: 10 } });
  const { link } = linkTo(room);
  await link.join("lobby", member("bob"));
  const slow = held();
  room.behaviours.set("bob", slow.behaviour);
  await expect(link.deliver("lobby", events("ann", 1, 3))).rejects.toMatchObject({ code: "BUSY" });
  await settled();
  slow.letGo();
  await room.room.idle;
  room.behaviours.delete("bob");
  room.restart();
  for (let tries = 0; tries < 3; tries++) {
    await link.deliver("lobby", events("ann", 1, 3)).catch(() => undefined);
    await room.room.idle;
  }
  expect(room.heardBy("bob")).toEqual(["ann 1", "ann 2", "ann 3"]);
});

test("a refusal of the room is the caller's, with its code", async () => {
  const room = new TestRoom({ limits: { roomMembers: 0 } });
  const { link } = linkTo(room);
  await expect(link.join("lobby", member("bob"))).rejects.toMatchObject({ code: "ROOM_FULL" });
});
