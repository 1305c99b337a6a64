import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@holdfast/client";
import type { AppOf } from "@holdfast/server";
import { expect, onTestFinished, test, vi } from "vitest";
import type { connection } from "./chat-server.ts";
import { nodePage } from "./node-page.ts";
import { NodeServe } from "./node-serve.ts";

type Chat = AppOf<Record<never, never>, { user: typeof connection }>;

const WAIT = { timeout: 60_000 };
const PATIENCE_MS = 120_000;

async function start(): Promise<NodeServe> {
  const server = await NodeServe.create({ entry: join(import.meta.dirname, "chat-server.ts") });
  onTestFinished(() => server[Symbol.asyncDispose]());
  await server.start();
  return server;
}

/** A page of a user, and what it hears. */
function open(server: NodeServe, user: string) {
  const client = createClient<Chat>({
    host: server.url,
    environment: nodePage(server.url),
    token: () => user,
  });
  onTestFinished(() => client.close());
  const handle = client.connection("user");
  const heard: string[] = [];
  handle.on("said", (text) => void heard.push(text));
  const { emit, getSnapshot } = handle;
  return { emit, getSnapshot, heard };
}

test(
  "[G1] [G2] [G10] after SIGKILL what was said counts once, and rooms know who is in them",
  { timeout: PATIENCE_MS },
  async () => {
    const server = await start();
    const [ann, bob] = [open(server, "ann"), open(server, "bob")];
    await bob.emit("join", "den");
    await ann.emit("say", { room: "den", text: "before" });
    await vi.waitFor(() => expect(bob.heard).toEqual(["before"]), WAIT);
    for (let kill = 1; kill <= 2; kill++) {
      const said = Array.from({ length: 20 }, (_, index) =>
        ann.emit("say", { room: "nowhere", text: `${index}` }),
      );
      await said[kill];
      await server.kill();
      await server.start();
      await Promise.all(said);
      await vi.waitFor(() => expect(bob.getSnapshot().status).toBe("live"), WAIT);
      await ann.emit("say", { room: "den", text: `after ${kill}` });
      await vi.waitFor(() => expect(bob.heard.at(-1)).toBe(`after ${kill}`), WAIT);
    }
    expect(ann.getSnapshot().state?.said).toBe(1 + 2 * 21);
    expect(bob.heard).toEqual(["before", "after 1", "after 2"]);
  },
);

test(
  "[G1] SIGTERM ends it in order: what was sent is stored and delivered, and every file is closed",
  { timeout: PATIENCE_MS },
  async () => {
    const server = await start();
    const [ann, bob] = [open(server, "ann"), open(server, "bob")];
    await bob.emit("join", "den");
    await ann.emit("say", { room: "den", text: "goodbye" });
    await server.kill("SIGTERM");
    expect(bob.heard).toEqual(["goodbye"]);
    const files = readdirSync(server.storage, { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith(".sqlite")).length).toBeGreaterThan(3);
    expect(files.filter((name) => name.endsWith("-wal"))).toEqual([]);
    expect(server.log).not.toContain("Holdfast:");
    await server.start();
    await vi.waitFor(() => expect(bob.getSnapshot().status).toBe("live"), WAIT);
    await ann.emit("say", { room: "den", text: "hello again" });
    await vi.waitFor(() => expect(bob.heard).toEqual(["goodbye", "hello again"]), WAIT);
    expect(ann.getSnapshot().state?.said).toBe(2);
  },
);
