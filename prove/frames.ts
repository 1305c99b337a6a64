import type { ProofOptions, ProofReport } from "./report.ts";
import { framesInProcess } from "./frames-in-process.ts";
import { framesOverSockets } from "./frames-over-sockets.ts";

/** Of the frames in process, so many are sent over real sockets too. */
const SOCKET_SHARE = 0.02;

/**
 * Mutated and hostile frames, most of them at a host in this process, a sample at workerd over real
 * sockets: no crash, no state change, no exception, prototypes untouched, and a client of good will
 * is served as before.
 *
 * `n` counts the frames.
 */
export async function frames(options: ProofOptions): Promise<ProofReport> {
  const inProcess = framesInProcess(options);
  const sockets = await framesOverSockets({ ...options, n: Math.ceil(options.n * SOCKET_SHARE) });
  const failures = [...inProcess.failures, ...sockets.failures];
  return {
    name: "frames",
    passed: failures.length === 0,
    figures: { ...inProcess.figures, ...sockets.figures },
    failures,
  };
}
