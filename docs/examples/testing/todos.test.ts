import { createClient } from "@holdfast/client";
import { testApp } from "@holdfast/server/testing";
import { expect, test } from "vitest";
import { type App, modules } from "../server/app.ts";

test("a to-do that was added offline arrives once, whatever happens to the server", async () => {
  using app = testApp({ modules });
  const page = app.page();
  const shop = createClient<App>(page.options).module("todos", "shop");
  shop.subscribe(() => {}); // as a component does

  page.goOffline();
  const added = shop.actions.add("milk");
  app.kill();
  page.goOnline();
  await app.pass(60_000); // it connects again when it likes, within a minute of the app's time
  await added;

  expect(shop.getSnapshot().state?.items).toMatchObject([{ title: "milk", done: false }]);
});
