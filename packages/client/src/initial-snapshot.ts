import { decodeServerFrame, EXPLAIN, HoldfastError } from "@holdfast/protocol";
import type { Confirmed } from "./store/read-frame.ts";

/**
 * The state of an instance at one version, as text: what the server's `createSnapshot` gives to
 * render a page with, and to hand to that page.
 */
export type InitialSnapshot = string;

/** @throws HoldfastError `MALFORMED_FRAME` and what the codec throws */
export function readInitialSnapshot(text: InitialSnapshot): Confirmed {
  const [message] = decodeServerFrame(text);
  if (message?.type !== "snapshot") {
    throw new HoldfastError(
      "MALFORMED_FRAME",
      EXPLAIN && "The initial snapshot is none. Pass what `createSnapshot` gave, as it is.",
    );
  }
  const { type: _, ...confirmed } = message;
  return confirmed;
}
