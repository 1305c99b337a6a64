import { createClient } from "@holdfast/client";
import type { AppOf } from "@holdfast/server";
import { type TestApp, testApp } from "@holdfast/server/testing";
import { expect, test } from "vitest";
import { talk } from "./talk.ts";
import { defineUser } from "./user.ts";

const modules = { talk };
type Connections = { readonly user: ReturnType<typeof defineUser> };
type App = AppOf<typeof modules, Connections>;

/** @param posted called when a message is in the history, and its sender does not know it yet */
function begin(posted: () => void = () => {}): TestApp<typeof modules, Connections> {
  const user = defineUser((env, room) => {
    const { post, ...others } = app.instance(env as object, "talk", room).actions;
    return {
      ...others,
      post: async (draft) => {
        const message = await post(draft);
        posted();
        return message;
      },
    };
  });
  const app: TestApp<typeof modules, Connections> = testApp({ modules, connections: { user } });
  return app;
}

test("[G1] [G2] [G3] whatever dies in between, a message is in the history once, in order, and counted once", async () => {
  let posts = 0;
  using app = begin(() => {
    if (++posts % 5 === 2) app.kill();
  });
  const page = app.page();
  const user = createClient<App>(page.options).connection("user");
  user.subscribe(() => {});
  await app.rest();
  const sent: Promise<unknown>[] = [];
  for (let at = 0; at < 24; at++) {
    sent.push(user.emit("message", { room: "reef", id: `id ${at}`, text: String(at) }));
    // Somewhere on the way of one, or another one.
    for (let turn = 0; turn < at * 7; turn++) await Promise.resolve();
    if (at % 3 === 0) app.kill();
    if (at % 3 === 1) page.cut();
    if (at % 4 === 3) await app.pass(60_000);
  }
  await app.pass(120_000);
  await Promise.all(sent);
  const history = await user.emit("history", { room: "reef" });
  expect(history.map(({ number, text }) => [number, text])).toEqual(
    Array.from({ length: 24 }, (_, at) => [24 - at, String(23 - at)]),
  );
  expect(user.getSnapshot().state).toMatchObject({ messageCount: 24, sending: [] });
});

test("people are there once, in however many tabs, and gone with the last one", async () => {
  using app = begin();
  const open = (browser: string) => {
    const page = app.page({ browser });
    const user = createClient<App>(page.options).connection("user");
    const heard: string[] = [];
    user.on("arrived", ({ person }) => heard.push(`${person.name} came`));
    user.on("left", ({ person }) => heard.push(`${person.name} left`));
    return { page, user, heard };
  };
  const ann = open("ann");
  // Her browser has its session before it opens another tab.
  await app.rest();
  const [annToo, bo] = [open("ann"), open("bo")];
  await app.rest();
  await Promise.all([ann.user.emit("rename", "Ann"), bo.user.emit("rename", "Bo")]);
  await ann.user.emit("enter", { room: "reef", visited: [] });
  await annToo.user.emit("enter", { room: "reef", visited: [] });
  const people = await bo.user.emit("enter", { room: "reef", visited: [] });
  expect(people.map(({ name }) => name)).toEqual(["Ann", "Bo"]);
  await app.rest();
  ann.page.close();
  await app.rest();
  expect(bo.heard).toEqual(["Bo came"]);
  annToo.page.close();
  await app.rest();
  expect(bo.heard).toEqual(["Bo came", "Ann left"]);
});

test("[G16] what no page sends is refused", async () => {
  using app = begin();
  const { emit, subscribe } = createClient<App>(app.page().options).connection("user");
  subscribe(() => {});
  const refused = { code: "REFUSED" };
  await expect(emit("message", { room: "No Room", id: "1", text: "x" })).rejects.toMatchObject(
    refused,
  );
  await expect(emit("message", { room: "reef", id: "1", text: " " })).rejects.toMatchObject(
    refused,
  );
  await expect(emit("rename", "x".repeat(25))).rejects.toMatchObject(refused);
  await expect(emit("theme", "plaid" as never)).rejects.toMatchObject(refused);
  const client = createClient<App>(app.page().options);
  const direct = client.module("talk", "reef");
  direct.subscribe(() => {});
  await app.rest();
  expect(direct.getSnapshot()).toMatchObject({ status: "denied", restored: false });
});
