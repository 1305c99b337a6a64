/**
 * `node --conditions=holdfast-source bench/anatomy.ts`: where the CPU of a lone action goes, ours beside
 * L's, the system's and workerd's own parts included. For finding out, not for figures: sampling makes
 * everything slower. It takes Linux and its `perf`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { loneRoundTrips } from "./load.ts";
import { SIZES } from "./sizes.ts";

/** Until V8 has compiled all that such actions need, and again what it had to give up. */
const WARM_UP_TRIPS = 30_000;
/** In turns, so that a slow moment of the machine meets both. */
const TURNS = 40;
const TRIPS = 400;
const SAMPLES_PER_SECOND = 5_000;

/** A sample belongs to the first part that a function on its stack is of. */
const PARTS: readonly (readonly [name: string, functions: RegExp])[] = [
  ["V8 in the background: compiling, collecting", /JobTaskWrapper::Run|WorkerThread::Run/],
  ["V8 collecting in the way of actions", /Heap::CollectGarbage/],
  ["the handler: the row, by exec", /api::SqlStorage::exec/],
  ["the handler: the answer, by send", /api::WebSocket::send/],
  ["the handler: JSON", /Builtin_Json(Parse|Stringify)/],
  ["the handler: all else", /sendHibernatableWebSocketMessage/],
  ["SQLite: begin and commit", /sqlite3_step|ActorSqlite::/],
  ["workerd, sockets and the system", /./],
];

/** Samples of one process, by part. */
type Samples = Map<string, number>;

await using l = await startL();
await using ours = await startHoldfast({ v8Flags: ["--perf-basic-prof"] });
const subjects = [l, ours];
const [{ key, bytes }] = SIZES;
for (const subject of subjects) await subject.fill(key, bytes);
const links = await Promise.all(subjects.map((subject) => subject.open(key)));
for (const link of links) await loneRoundTrips(link, WARM_UP_TRIPS);
const pids = subjects.map(({ name, server }) => {
  if (server.pid === undefined) throw new Error(`${name} is not running`);
  return server.pid;
});

const folder = await mkdtemp(join(tmpdir(), "holdfast-anatomy-"));
try {
  const file = join(folder, "perf.data");
  // It samples from when it is told to, and says when it does: by the two pipes behind its output.
  const when = ["-D", "-1", "--control", "fd:3,4"];
  const what = ["-F", String(SAMPLES_PER_SECOND), "-g", "-p", pids.join(), "-o", file];
  const perf = run(["record", ...when, ...what]);
  const ended = once(perf, "exit");
  const [, , , control, answers] = perf.stdio;
  if (!(control instanceof Writable) || !answers) throw new Error("perf has no pipes");
  control.write("enable\n");
  await once(answers, "data");
  for (let turn = 0; turn < TURNS; turn++) {
    for (const link of links) await loneRoundTrips(link, TRIPS);
  }
  perf.kill("SIGINT");
  await ended;
  print(await countSamples(file));
} finally {
  for (const link of links) link.close();
  await rm(folder, { recursive: true, force: true });
  for (const pid of pids) await rm(join(tmpdir(), `perf-${pid}.map`), { force: true });
}

function print(samples: ReadonlyMap<number, Samples>): void {
  const [ofL, ofOurs] = pids.map((pid) => samples.get(pid));
  const microseconds = (of: Samples | undefined, part: string): number =>
    ((of?.get(part) ?? 0) * 1e6) / SAMPLES_PER_SECOND / TURNS / TRIPS;
  const rows = PARTS.map(([part]) => ({
    part,
    ours: microseconds(ofOurs, part),
    L: microseconds(ofL, part),
  }));
  const sum = (key: "L" | "ours"): number => rows.reduce((all, row) => all + row[key], 0);
  rows.push({ part: "all, in µs of CPU for each action", ours: sum("ours"), L: sum("L") });
  for (const { part, ours, L } of rows) {
    console.log(
      `${part.padEnd(44)} ${ours.toFixed(1).padStart(7)}   L ${L.toFixed(1).padStart(6)}`,
    );
  }
}

async function countSamples(file: string): Promise<Map<number, Samples>> {
  const perf = run(["script", "-i", file, "-F", "pid,ip,sym"]);
  if (!perf.stdout) throw new Error("perf has no output");
  const counts = new Map<number, Samples>();
  let pid: number | undefined;
  let stack = "";
  // A line with the process, one for each function from the innermost on, an empty one.
  for await (const line of createInterface(perf.stdout)) {
    if (line.trim() !== "") {
      if (pid === undefined) pid = Number(line);
      else stack += `${line}\n`;
      continue;
    }
    const part = PARTS.find(([, functions]) => functions.test(stack))?.[0];
    if (pid !== undefined && part !== undefined) {
      const samples = counts.get(pid) ?? new Map<string, number>();
      samples.set(part, (samples.get(part) ?? 0) + 1);
      counts.set(pid, samples);
    }
    pid = undefined;
    stack = "";
  }
  return counts;
}

function run(args: readonly string[]): ChildProcess {
  const child = spawn("perf", args, { stdio: ["ignore", "pipe", "ignore", "pipe", "pipe"] });
  child.once("error", (error) => {
    throw new Error("perf is not to be had: install it (Debian: linux-perf).", { cause: error });
  });
  return child;
}
