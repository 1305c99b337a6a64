import { createClient } from "@holdfast/client";
import { type AppOf, defineConnection } from "@holdfast/server";
import { type TestApp, testApp } from "@holdfast/server/testing";
import { expect, test } from "vitest";

interface Events {
  toServer: { say: { room: string; text: string }; join: string };
  toClient: { said: string };
}

const user = defineConnection<{ userId: string }, unknown, { said: number }, Events>({
  name: "user",
  state: { said: 0 },
  extractMeta: (_request, who) => ({ userId: who.user.id }),
})
  .on("say", (ctx, { room, text }) => {
    ctx.state.said++;
    ctx.emit.toRoom(room).emit("said", text);
  })
  .on("join", (ctx, room) => ctx.rooms.join(room));

const connections = { user };
type Tested = AppOf<Record<never, never>, typeof connections>;

function start(): TestApp<Record<never, never>, typeof connections> {
  return testApp({
    modules: {},
    connections,
    authenticate: (request) => {
      const [, id] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
      return id === undefined ? null : { id };
    },
  });
}

/** A page of a user, and what it hears. */
function open(tested: TestApp, token: string) {
  const handle = createClient<Tested>(tested.page({ token }).options).connection("user");
  const heard: string[] = [];
  handle.on("said", (text) => void heard.push(text));
  const { emit, getSnapshot } = handle;
  return { emit, getSnapshot, heard };
}

test("what a page says in a room, the pages of others in it hear; so they do what the server says", async () => {
  using tested = start();
  const [ann, bob, cid] = [open(tested, "ann"), open(tested, "bob"), open(tested, "cid")];
  await ann.emit("join", "den");
  await bob.emit("join", "den");
  await tested.rest();
  await ann.emit("say", { room: "den", text: "hello" });
  await tested.rest();
  await tested.emit("user").toRoom("den").except("ann").emit("said", "from the server");
  await tested.emit("user").toUser("cid").emit("said", "to cid");
  await tested.rest();
  expect([ann.heard, bob.heard, cid.heard]).toEqual([
    ["hello"],
    ["hello", "from the server"],
    ["to cid"],
  ]);
});

test("[G2] [G10] what is said to a server that is killed counts once; its rooms are there again", async () => {
  using tested = start();
  const [ann, bob] = [open(tested, "ann"), open(tested, "bob")];
  await bob.emit("join", "den");
  await tested.rest();
  const said = ann.emit("say", { room: "den", text: "into the silence" });
  tested.kill();
  await tested.pass(60_000);
  await said;
  await ann.emit("say", { room: "den", text: "once more" });
  await tested.rest();
  expect(ann.getSnapshot().state?.said).toBe(2);
  expect(bob.heard).toContain("once more");
  expect(new Set(bob.heard).size).toBe(bob.heard.length);
});
