import { encodeAnswer } from "@holdfast/protocol";
import type { ActionCall } from "./call.ts";
import type { Decided } from "./run.ts";
import type { News } from "./news.ts";

/** An action that was kept in memory only is durable now: what is told of it behind its commit. */
export function savedNews({ sequence, onAnswer }: ActionCall, { answer, news }: Decided): News[] {
  const told = [...news];
  if (sequence) {
    const text = encodeAnswer(sequence.client, sequence.seq, answer);
    told.push({ type: "answer", sequence, text });
  }
  if (onAnswer) told.push({ type: "after", run: () => onAnswer(answer) });
  return told;
}
