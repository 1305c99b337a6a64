import { readdirSync, readFileSync } from "node:fs";

/** What a process used and holds, as the operating system counts it. */
export interface ProcessFigures {
  /** User and system time of the threads that it has. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** Bytes that it sent to the block layer, writes of the write-ahead log and checkpoints included. */
  readonly writtenBytes: number;
}

/** Linux only: read from `/proc`. */
export function processFigures(pid: number | undefined): ProcessFigures {
  if (pid === undefined) {
    throw new Error("the server is not running, so it has no figures; start it first");
  }
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the command in parentheses and may hold spaces; count after it.
  const pages = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[21]);
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  return {
    cpuMs: cpuMs(pid),
    residentBytes: pages * PAGE_BYTES,
    writtenBytes: Number(/^write_bytes: (\d+)$/m.exec(io)?.[1] ?? 0),
  };
}

const PAGE_BYTES = 4096;

/** To the nanosecond, where the sum for the process counts in hundredths of a second. */
function cpuMs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
      nanoseconds += Number(ran);
    } catch {
      // The thread has ended in between.
    }
  }
  return nanoseconds / 1e6;
}
