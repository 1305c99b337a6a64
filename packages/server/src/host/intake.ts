import { type ActionMessage, encodeAnswer, encodeMessage, type Limits } from "@holdfast/protocol";
import type { Platform } from "./platform.ts";
import { Rate } from "./rate.ts";
import type { Sequence, Sequences } from "./sequences.ts";

/** How long a client waits before it sends again what nothing was decided about. */
const RETRY_AFTER_MS = 1_000;

/** What a frame's actions come to, in order: a message to their sender, or one to run. */
export type Taken =
  | { readonly type: "tell"; readonly text: string }
  | { readonly type: "run"; readonly action: ActionMessage; readonly sequence: Sequence };

/** Decides which of the actions that arrive are run: each once, in its client's order. */
export class Doorkeeper {
  readonly #sequences: Sequences;
  readonly #platform: Platform;
  readonly #rate: Rate;

  constructor(sequences: Sequences, platform: Platform, limits: Limits) {
    this.#sequences = sequences;
    this.#platform = platform;
    this.#rate = new Rate(limits);
  }

  /** @param full whether no more actions may wait for their turn */
  takeIn(principal: string, actions: readonly ActionMessage[], full: boolean): Taken[] {
    const taken: Taken[] = [];
    // A client that was told `busy` or `gap` sends all from there again: what follows is skipped.
    let stopped: Set<string> | undefined;
    for (const action of actions) {
      const { client, seq, settled } = action;
      if (stopped?.has(client)) continue;
      const sequence: Sequence = { principal, client, seq, settled };
      const verdict = this.#decide(sequence, full);
      if (verdict.type === "start") {
        this.#sequences.start(sequence);
        taken.push({ type: "run", action, sequence });
      } else {
        if (verdict.text !== undefined) taken.push({ type: "tell", text: verdict.text });
        if (verdict.stop) (stopped ??= new Set()).add(client);
      }
    }
    return taken;
  }

  #decide(sequence: Sequence, full: boolean): Verdict {
    const { principal, client, seq } = sequence;
    const decision = this.#sequences.decide(sequence);
    switch (decision.type) {
      case "start": {
        if (full) return tell(busyText(client, seq, RETRY_AFTER_MS), true);
        const retryAfter = this.#rate.take(principal, this.#platform.now());
        return retryAfter === 0 ? START : tell(busyText(client, seq, retryAfter), true);
      }
      case "settled":
        return tell(undefined, false);
      case "running":
        return tell(encodeMessage({ type: "received", client, seq }), false);
      case "finished":
        return tell(encodeAnswer(client, seq, decision.answer), false);
      case "gap":
        return tell(encodeMessage({ type: "gap", client, seq: decision.expected }), true);
      case "full":
        return tell(busyText(client, seq, RETRY_AFTER_MS), true);
    }
  }
}

type Verdict =
  | { readonly type: "start" }
  | { readonly type: "tell"; readonly text: string | undefined; readonly stop: boolean };

const START: Verdict = { type: "start" };

function tell(text: string | undefined, stop: boolean): Verdict {
  return { type: "tell", text, stop };
}

/** Nothing is decided about `seq` and what follows it. */
export function busyText(client: string, seq: number, retryAfter: number = RETRY_AFTER_MS): string {
  return encodeMessage({ type: "busy", client, seq, retryAfter });
}
