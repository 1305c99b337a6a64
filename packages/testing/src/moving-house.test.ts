import { decodeValue, hashValue } from "@holdfast/protocol";
import { type HoldfastServer, serve } from "@holdfast/server/node";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { modules } from "../worker/vault.ts";
import { Workerd } from "./workerd-serve.ts";

const TOKEN = "an operator's token, long enough";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "holdfast-house-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

/** The same modules on workerd. */
async function startWorkerd(): Promise<Workerd> {
  const entry = join(import.meta.dirname, "../worker/vault-worker.ts");
  const server = await Workerd.create({
    entry,
    durableObjects: ["ModuleObject"],
    text: { HOLDFAST_ADMIN_TOKEN: TOKEN },
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  await server.start();
  return server;
}

async function startNode(): Promise<HoldfastServer<typeof modules>> {
  const env = { HOLDFAST_ADMIN_TOKEN: TOKEN };
  const server = await serve({ modules, port: 0, dataDir: folder(), env, handleSignals: false });
  onTestFinished(() => server.close());
  return server;
}

function ask(url: string, task: string, key: string, body?: string): Promise<Response> {
  return fetch(`${url}/holdfast/admin/${task}?module=vault&key=${key}`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { method: "POST", body }),
  });
}

const exported = async (url: string, key: string): Promise<string> =>
  (await ask(url, "export", key)).text();
const hashOf = (backup: string): Promise<string> =>
  hashValue(decodeValue((JSON.parse(backup) as { state: string }).state));

test(
  "[G11] an instance moves from workerd to Node and back: everything is there, byte for byte",
  { timeout: 120_000 },
  async () => {
    const [workerd, node] = [await startWorkerd(), await startNode()];
    await fetch(workerd.url, { method: "POST", body: "3000" });
    const original = await exported(workerd.url, "old");
    const hash = await hashOf(original);

    expect((await ask(node.url, "import", "new", original)).status).toBe(204);
    expect(await hashOf(await exported(node.url, "new"))).toBe(hash);
    const report = (await (await ask(node.url, "inspect", "new")).json()) as object;
    expect(report).toMatchObject({ module: "vault", key: "new", schema: 3, connections: 0 });

    // Back again, over what is there now; the old one has changed meanwhile.
    await node.instance("vault", "new").actions.fill(10);
    const later = await exported(node.url, "new");
    expect(await hashOf(later)).not.toBe(hash);
    expect((await ask(workerd.url, "import", "old", later)).status).toBe(204);
    expect(await hashOf(await exported(workerd.url, "old"))).toBe(await hashOf(later));
  },
);

test(
  "a backup that was damaged on the way is taken by neither, and nothing is changed",
  { timeout: 120_000 },
  async () => {
    const [workerd, node] = [await startWorkerd(), await startNode()];
    await fetch(workerd.url, { method: "POST", body: "10" });
    const backup = await exported(workerd.url, "old");
    const damaged = backup.replace("#3", "#4");
    for (const [url, key] of [
      [workerd.url, "old"],
      [node.url, "new"],
    ] as const) {
      const before = await hashOf(await exported(url, key));
      const refused = await ask(url, "import", key, damaged);
      expect(refused.status).toBe(422);
      expect(await refused.json()).toMatchObject({ error: { code: "IMPORT_INVALID" } });
      expect(await hashOf(await exported(url, key))).toBe(before);
    }
  },
);
