import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HoldfastServer, serve } from "@holdfast/server/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { modules } from "./app.ts";

let dataDir: string;
let server: HoldfastServer<typeof modules>;
const start = async (): Promise<void> => {
  server = await serve({ modules, dataDir, port: 0, handleSignals: false });
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "list-"));
  await start();
});
afterEach(async () => {
  await server.close();
  await rm(dataDir, { recursive: true });
});

test("what was done is cleared, and the rest is there after a restart", async () => {
  const bread = await server.instance("list").actions.add("bread");
  await server.instance("list").actions.add("butter");
  await server.instance("list").actions.toggle(bread);
  expect(await server.instance("list").actions.clearDone()).toBe(1);
  await server.close();
  await start();
  expect(await server.instance("list").actions.clearDone()).toBe(1);
});

test("an empty item is refused", async () => {
  await expect(server.instance("list").actions.add("  ")).rejects.toThrow(/1 to 200 characters/);
});
