import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@holdfast/client";
import type { AppOf } from "@holdfast/server";
import { expect, onTestFinished, test } from "vitest";
import type { Tasks } from "../worker/tasks.ts";
import { nodePage } from "./node-page.ts";
import { Workerd } from "./workerd-serve.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
/** Of this package: it has systems, and no Vite. */
const CONFIG = resolve(import.meta.dirname, "../wrangler.jsonc");

test(
  "what wrangler alone builds, without Vite, has its decorators lowered and runs",
  { timeout: 120_000 },
  async () => {
    const out = mkdtempSync(join(tmpdir(), "holdfast-wrangler-"));
    onTestFinished(() => rmSync(out, { recursive: true, force: true }));
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    await promisify(execFile)(
      process.execPath,
      [wrangler, "deploy", "--dry-run", "--config", CONFIG, "--outdir", out],
      {
        env: {
          ...process.env,
          WRANGLER_SEND_METRICS: "false",
          // Packages are found in their sources, as in all tests.
          WRANGLER_BUILD_CONDITIONS: "holdfast-source,workerd,worker,browser",
        },
      },
    );
    const entry = join(out, "worker.js");
    expect(readFileSync(entry, "utf8")).not.toMatch(/^\s*@(field|action)\b/m);
    await using server = await Workerd.create({ entry, durableObjects: ["ModuleObject"] });
    await server.start();
    const client = createClient<AppOf<{ tasks: typeof Tasks }>>({
      host: server.url,
      environment: nodePage(server.url),
    });
    onTestFinished(() => client.close());
    const { actions, getSnapshot } = client.module("tasks", "wrangler");
    expect(await actions.add("one")).toBe(1);
    expect(await actions.addSlowly("two")).toBe(2);
    await expect(actions.failSlowly()).rejects.toMatchObject({ code: "ACTION_FAILED" });
    expect(getSnapshot().state?.tasks).toMatchObject([
      { title: "a task: one" },
      { title: "a task: two" },
    ]);
  },
);
