import type { Primitive, Value } from "@holdfast/protocol";
import type { SqlPort } from "../sql-port.ts";
import { isKeyed } from "./part-node.ts";
import type { PartKind, PartNode, Run } from "./part-node.ts";
import {
  countOf,
  decodeRun,
  decodeRuns,
  joinRun,
  keysOf,
  placeChild,
  valueOf,
} from "./part-content.ts";
import { damaged } from "./read-parts.ts";

/** So many characters are read and parsed together: each by itself costs more, all of them too much memory. */
const TOGETHER = 1024 * 1024;

const BODIES = `SELECT slot, body FROM holdfast_parts
  WHERE slot IN (SELECT value FROM json_each(?))`;

/** Reads the value of a container, and notes which of its runs has which key. */
export function readNode(sql: SqlPort, node: PartNode): Value {
  const { kind, runs } = node;
  let content: Value;
  for (const some of inPortions(runs)) {
    const piece = readRuns(sql, node, some);
    // The first is taken as it is: hardly any container has two.
    content = some[0] === runs[0] ? piece : joinRun(kind, content, piece);
  }
  let start = 0;
  for (const run of runs) {
    for (const [local, child] of run.children ?? []) {
      placeChild(kind, content, { start, local, child: readNode(sql, child) });
    }
    start += run.count;
  }
  return valueOf(kind, content);
}

function* inPortions(runs: readonly Run[]): Iterable<readonly Run[]> {
  let portion: Run[] = [];
  let size = 0;
  for (const run of runs) {
    if (portion.length > 0 && size + run.size > TOGETHER) {
      yield portion;
      portion = [];
      size = 0;
    }
    portion.push(run);
    size += run.size;
  }
  yield portion;
}

/** What some runs say, one behind the other; their keys are noted where there are other runs. */
function readRuns(sql: SqlPort, node: PartNode, runs: readonly Run[]): Value {
  const texts = readTexts(sql, runs);
  const noted = node.runs.length > 1 && isKeyed(node.kind);
  const together = runs.length > 1 ? decodeTogether(node.kind, runs, texts) : undefined;
  if (together) {
    if (noted) for (const [at, run] of runs.entries()) run.keys = together.keys[at];
    return together.content;
  }
  let content: Value;
  for (const [at, run] of runs.entries()) {
    // The cast is true because there is a text for each run.
    const piece = decodeOne(node.kind, run, texts[at] as string);
    if (noted) run.keys = keysOf(node.kind, piece);
    content = at === 0 ? piece : joinRun(node.kind, content, piece);
  }
  return content;
}

function readTexts(sql: SqlPort, runs: readonly Run[]): string[] {
  const slots = runs.map(({ slot }) => slot);
  const found = new Map(sql.run(BODIES, JSON.stringify(slots)).map((row) => [row["slot"], row]));
  // The heads say that it is there. What is no text is no JSON either.
  return slots.map((slot) => String(found.get(slot as number)?.["body"]));
}

/** `undefined` where only each by itself can tell what it says, or what is wrong with it. */
function decodeTogether(
  kind: PartKind,
  runs: readonly Run[],
  texts: readonly string[],
): { content: Value; keys: readonly Primitive[][] } | undefined {
  const content = decodeRuns(kind, texts);
  if (content === undefined) return undefined;
  const all = keysOf(kind, content);
  const count = kind === "object" ? all.length : countOf(kind, content);
  if (count !== runs.reduce((sum, run) => sum + run.count, 0)) return undefined;
  // An object has keys like `7` before all others, whichever run they stand in.
  if (/^\d/.test(String(all[0]))) return undefined;
  let start = 0;
  const keys = runs.map((run) => all.slice(start, (start += run.count)));
  return { content, keys };
}

function decodeOne(kind: PartKind, run: Run, text: string): Value {
  try {
    const piece = decodeRun(kind, text);
    if (countOf(kind, piece) !== run.count) throw new Error("It holds more or less than it says.");
    return piece;
  } catch (cause) {
    // True because a run that was linked stands in a slot.
    throw damaged("a part of the state cannot be read.", [run.slot as number], cause);
  }
}
