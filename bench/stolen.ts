import { readFileSync } from "node:fs";

/** Where `steal` stands in the first line of `/proc/stat`, behind the word `cpu`. */
const STEAL = 8;
const MS_PER_TICK = 10;

/**
 * The milliseconds for which the host of this virtual machine ran somebody else, since it was
 * started and over all processors. 0 where the system does not say.
 */
export function stolenMs(): number {
  let stat: string;
  try {
    stat = readFileSync("/proc/stat", "utf8");
  } catch {
    return 0;
  }
  const [all = ""] = stat.split("\n");
  return Number(all.split(/\s+/)[STEAL] ?? 0) * MS_PER_TICK;
}
