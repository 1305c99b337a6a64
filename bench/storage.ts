import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { atMost, type BenchOptions, type Figure } from "./figure.ts";
import { type HoldfastSubject, startHoldfast } from "./holdfast-subject.ts";
import { startL } from "./l-subject.ts";
import { batched, pipelined } from "./load.ts";
import { type Size, SIZES } from "./sizes.ts";
import type { Link, Subject } from "./subject.ts";

const ACTIONS = 100_000;
const L_ACTIONS = 20_000;
const IN_FLIGHT = 64;

interface Mode {
  readonly name: string;
  readonly run: typeof pipelined;
  /** Rows per action that it may write. */
  readonly limit: number;
}

const MODES: readonly Mode[] = [
  { name: "a frame each", run: pipelined, limit: 1.2 },
  { name: "batched", run: batched, limit: 1 },
];

/** What 100,000 small actions write, checkpoints included, as the platform would bill it. */
export async function storage(options: BenchOptions): Promise<Figure[]> {
  const ofL = new Map<Mode, number>();
  for (const mode of MODES) ofL.set(mode, await diskBytesOfL(mode));
  const figures: Figure[] = [];
  for (const size of SIZES) {
    await using ours = await startHoldfast({ text: { COUNT_SQL: "1" } });
    await ours.fill(size.key, size.bytes);
    const link = await ours.open(size.key);
    for (const mode of MODES) {
      figures.push(...(await measure(ours, link, size, mode, ofL.get(mode) ?? NaN)));
    }
    link.close();
    figures.push({
      name: `database after ${MODES.length * ACTIONS} actions, ${size.name}`,
      ours: databaseBytes(ours.server.storage),
      unit: "bytes",
    });
    options.progress(`rows and bytes at ${size.name}: counted`);
  }
  return figures;
}

async function measure(
  ours: HoldfastSubject,
  link: Link,
  size: Size,
  mode: Mode,
  diskBytesOfL: number,
): Promise<Figure[]> {
  await ours.sqlCounts();
  const disk = (await diskBytes(ours, () => mode.run(link, ACTIONS, IN_FLIGHT))) / ACTIONS;
  const counts = await ours.sqlCounts();
  return [
    atMost(mode.limit, {
      name: `rows written per action, ${mode.name}, ${size.name}`,
      ours: counts.rowsWritten / ACTIONS,
      unit: "rows",
      note: `over ${ACTIONS} actions, checkpoints included`,
    }),
    {
      name: `bytes given to SQL per action, ${mode.name}, ${size.name}`,
      ours: counts.boundBytes / ACTIONS,
      unit: "bytes",
    },
    {
      name: `bytes to the disk per action, ${mode.name}, ${size.name}`,
      ours: disk,
      reference: diskBytesOfL,
      referenceName: mode.run === batched ? "L batched" : "L",
      ratio: disk / diskBytesOfL,
      unit: "bytes",
    },
  ];
}

async function diskBytesOfL(mode: Mode): Promise<number> {
  await using l = await startL();
  await l.fill("a", 1_000);
  const link = await l.open("a");
  const bytes = await diskBytes(l, () => mode.run(link, L_ACTIONS, IN_FLIGHT));
  link.close();
  return bytes / L_ACTIONS;
}

async function diskBytes(subject: Subject, work: () => Promise<unknown>): Promise<number> {
  const before = subject.server.figures().writtenBytes;
  await work();
  return subject.server.figures().writtenBytes - before;
}

function databaseBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name)))
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + file.size, 0);
}
