import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Workerd } from "./workerd-serve.ts";

const COUNTER = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  fetch() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS counts (n INTEGER)");
    sql.exec("INSERT INTO counts VALUES (1)");
    return new Response(env.GREETING + sql.exec("SELECT count(*) AS n FROM counts").one().n);
  }
}
import { env } from "cloudflare:workers";
export default { fetch: (request, env) => env.Counter.getByName("a").fetch(request) };
`;

function counterEntry(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = join(folder, "worker.js");
  writeFileSync(entry, COUNTER);
  return entry;
}

const counter = (): Parameters<typeof Workerd.create>[0] => ({
  entry: counterEntry(),
  durableObjects: ["Counter"],
  text: { GREETING: 'a "quoted" n=' },
});

test("a killed workerd starts again at the same address with the same storage", async () => {
  await using workerd = await Workerd.create(counter());
  await workerd.start();
  const { url, pid } = workerd;
  expect(await (await fetch(url)).text()).toBe('a "quoted" n=1');
  expect(workerd.figures().residentBytes).toBeGreaterThan(1_000_000);

  await workerd.kill();
  expect(workerd.pid).toBeUndefined();
  await expect(fetch(url)).rejects.toThrow();

  await workerd.start();
  expect(workerd.url).toBe(url);
  expect(workerd.pid).not.toBe(pid);
  expect(await (await fetch(url)).text()).toBe('a "quoted" n=2');
});

test("disposing ends the process and removes what it stored", async () => {
  let pid: number | undefined;
  let storage = "";
  {
    await using workerd = await Workerd.create(counter());
    await workerd.start();
    await fetch(workerd.url);
    ({ pid, storage } = workerd);
    expect(existsSync(storage)).toBe(true);
  }
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(storage)).toBe(false);
});

test("a worker that cannot run fails at the start, with what workerd said", async () => {
  const entry = counterEntry();
  writeFileSync(entry, "export class Counter {}; throw new Error('the worker is broken');");
  await using workerd = await Workerd.create({ entry, durableObjects: ["Counter"] });
  await expect(workerd.start()).rejects.toThrow("the worker is broken");
});

test("workerd ends with a parent that is interrupted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, "parent.ts");
  writeFileSync(
    script,
    `import { Workerd } from ${JSON.stringify(new URL("./workerd-serve.ts", import.meta.url).href)};
     const workerd = await Workerd.create({ entry: ${JSON.stringify(counterEntry())}, durableObjects: ["Counter"] });
     await workerd.start();
     console.log(workerd.pid);
     setInterval(() => {}, 1000);`,
  );
  const parent = spawn(process.execPath, ["--conditions=holdfast-source", script]);
  const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGINT");
  for (let waited = 0; isRunning(pid) && waited < 5000; waited += 20) await sleep(20);
  expect(isRunning(pid)).toBe(false);
});

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
