import { type Client, createClient } from "@holdfast/client";
import { type AppOf, defineConnection } from "@holdfast/server";
import { testApp, type TestApp, type TestPage } from "@holdfast/server/testing";
import { describe, expect, test } from "vitest";

const connections = {
  user: defineConnection({
    name: "UserConnection",
    state: { said: 0, online: false },
    persistedKeys: ["said"],
    extractMeta: (_request, { user }) => ({ userId: user.id, channels: ["harbour"] }),
  })
    .on<{ text: string }>("say", (ctx, { text }) => {
      ctx.state.said++;
      ctx.emit.toRoom("harbour").emit("said", { by: ctx.meta.userId, text });
      return ctx.state.said;
    })
    .on<{ to: string; text: string }>("whisper", (ctx, { to, text }) => {
      ctx.emit.toUser(to).emit("whispered", { by: ctx.meta.userId, text });
    })
    .on<string>("leave", (ctx, room) => ctx.rooms.leave(room)),
};
const modules = {};
type Tested = AppOf<typeof modules, typeof connections>;

describe("testApp with connections", () => {
  test("a user's pages share one state, another user has one of their own", async () => {
    using tested = start();
    const [laptop, phone] = [open(tested.page({ token: "ann" })), open(tested.page({ token: "ann" }))];
    const bob = open(tested.page({ token: "bob" }));
    await tested.rest();
    await expect(laptop.emit("say", { text: "ahoy" })).resolves.toBe(1);
    await tested.rest();
    expect(phone.getSnapshot()).toMatchObject({ status: "live", state: { said: 1 } });
    expect(bob.getSnapshot()).toMatchObject({ status: "live", state: { said: 0 } });
  });

  test.each([{ hibernates: false }, { hibernates: true }])(
    "[G10] whoever is in a room hears what is said there, hibernates: $hibernates",
    async (options) => {
      using tested = start(options);
      const [ann, bob] = [open(tested.page({ token: "ann" })), open(tested.page({ token: "bob" }))];
      const heard: unknown[] = [];
      bob.on("said", (what) => heard.push(what));
      await tested.rest();
      await ann.emit("say", { text: "ahoy" });
      await tested.rest();
      await bob.emit("leave", "harbour");
      await ann.emit("say", { text: "gone?" });
      await tested.rest();
      expect(heard).toEqual([{ by: "ann", text: "ahoy" }]);
    },
  );

  test("[G1] who is in a room is known behind a kill, and so is what is kept of the state", async () => {
    using tested = start();
    const [ann, bob] = [open(tested.page({ token: "ann" })), open(tested.page({ token: "bob" }))];
    const heard: unknown[] = [];
    bob.on("said", (what) => heard.push(what));
    await ann.emit("say", { text: "before" });
    tested.kill();
    await tested.pass(60_000);
    await expect(ann.emit("say", { text: "after" })).resolves.toBe(2);
    await tested.rest();
    expect(heard).toEqual([
      { by: "ann", text: "before" },
      { by: "ann", text: "after" },
    ]);
  });

  test("a user is spoken to wherever they are, and nobody else hears it", async () => {
    using tested = start();
    const [ann, bob, cas] = ["ann", "bob", "cas"].map((token) => open(tested.page({ token })));
    const heard: unknown[] = [];
    for (const one of [ann, bob, cas]) one?.on("whispered", (what) => heard.push(what));
    await tested.rest();
    await ann?.emit("whisper", { to: "bob", text: "psst" });
    await tested.rest();
    expect(heard).toEqual([{ by: "ann", text: "psst" }]);
  });

  test("while storage fails, nothing is said and nothing is lost", async () => {
    using tested = start();
    const [ann, bob] = [open(tested.page({ token: "ann" })), open(tested.page({ token: "bob" }))];
    const heard: unknown[] = [];
    bob.on("said", (what) => heard.push(what));
    await tested.rest();
    tested.failStorage();
    const said = ann.emit("say", { text: "ahoy" });
    await tested.pass(5_000);
    expect(heard).toEqual([]);
    tested.failStorage(false);
    await tested.pass(60_000);
    await expect(said).resolves.toBe(1);
    expect(heard).toHaveLength(1);
  });
});

function start(options: { hibernates?: boolean } = {}): TestApp<typeof modules> {
  return testApp({
    modules,
    connections,
    authenticate: (request) => {
      const [, id] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
      return id === undefined ? null : { id };
    },
    ...options,
  });
}

/** As a component does it: who is not looked at is closed after a moment. */
function open(page: TestPage): ReturnType<Client<Tested>["connection"]> {
  const handle = createClient<Tested>(page.options).connection("user");
  handle.subscribe(() => {});
  return handle;
}
