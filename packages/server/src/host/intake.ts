import {
  type ActionMessage,
  encodeAnswer,
  encodeMessage,
  HoldfastError,
  type Limits,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { Outcome, Work } from "./commit.ts";
import type { Connection } from "./connection.ts";
import { createContext } from "./context.ts";
import type { Platform } from "./platform.ts";
import { Rate } from "./rate.ts";
import type { Sequence, Sequences } from "./sequences.ts";

/** How long a client waits before it sends again what nothing was decided about. */
const RETRY_AFTER_MS = 1_000;

/** A frame's actions, decided upon: works to run, and what is answered at once, in order. */
export interface Intake {
  readonly works: Work[];
  /** What the sender is told: a message, or the action whose work says it. */
  readonly replies: (string | ActionMessage)[];
}

/** Decides which of the actions that arrive are run: each once, in its client's order. */
export class Doorkeeper {
  readonly #module: ModuleDefinition;
  readonly #env: unknown;
  readonly #sequences: Sequences;
  readonly #platform: Platform;
  readonly #rate: Rate;

  constructor(parts: {
    module: ModuleDefinition;
    env: unknown;
    sequences: Sequences;
    platform: Platform;
    limits: Limits;
  }) {
    this.#module = parts.module;
    this.#env = parts.env;
    this.#sequences = parts.sequences;
    this.#platform = parts.platform;
    this.#rate = new Rate(parts.limits);
  }

  takeIn(sender: Connection, actions: readonly ActionMessage[]): Intake {
    const { principal } = sender.meta;
    const intake: Intake = { works: [], replies: [] };
    // A client that was told `busy` or `gap` sends all from there again: what follows is skipped.
    const stopped = new Set<string>();
    for (const action of actions) {
      const { client, seq, settled } = action;
      if (stopped.has(client)) continue;
      const sequence: Sequence = { principal, client, seq, settled };
      const reply = this.#decide(sequence);
      if (reply.type === "start") {
        this.#sequences.start(sequence);
        intake.works.push(this.#work(sender, action, sequence));
        intake.replies.push(action);
      } else if (reply.text !== undefined) {
        intake.replies.push(reply.text);
        if (reply.stop) stopped.add(client);
      }
    }
    return intake;
  }

  #decide(
    sequence: Sequence,
  ): { type: "start" } | { type: "tell"; text: string | undefined; stop: boolean } {
    const { principal, client, seq } = sequence;
    const decision = this.#sequences.decide(sequence);
    switch (decision.type) {
      case "start": {
        const retryAfter = this.#rate.take(principal, this.#platform.now());
        if (retryAfter === 0) return { type: "start" };
        return { type: "tell", text: busy(client, seq, retryAfter), stop: true };
      }
      case "settled":
        return { type: "tell", text: undefined, stop: false };
      case "finished":
        return { type: "tell", text: encodeAnswer(client, seq, decision.answer), stop: false };
      case "gap":
        return {
          type: "tell",
          text: encodeMessage({ type: "gap", client, seq: decision.expected }),
          stop: true,
        };
      case "full":
        return { type: "tell", text: busy(client, seq, RETRY_AFTER_MS), stop: true };
    }
  }

  #work(sender: Connection, action: ActionMessage, sequence: Sequence): Work {
    const { name, payload } = action;
    const handler = this.#module.actions.get(name);
    return {
      name,
      sequence,
      run: (state) => {
        if (!handler) {
          throw new HoldfastError(
            "UNKNOWN_ACTION",
            `There is no action "${name}". The page may be newer or older than the server; reload it.`,
          );
        }
        const context = createContext({
          state,
          session: { id: sender.meta.session },
          env: this.#env,
          sequence,
          now: this.#platform.now(),
        });
        return handler(context, payload);
      },
    };
  }
}

/** What the sender is told, in order, now that its works have run; each answer behind its commit. */
export function repliesTo(intake: Intake, outcomes: readonly Outcome[]): string[] {
  const texts: string[] = [];
  const stopped = new Set<string>();
  let next = 0;
  for (const reply of intake.replies) {
    if (typeof reply === "string") {
      texts.push(reply);
      continue;
    }
    const { client, seq } = reply;
    const outcome = outcomes[next++];
    if (outcome?.type === "decided") {
      if (outcome.commit !== undefined) texts.push(outcome.commit);
      texts.push(encodeAnswer(client, seq, outcome.answer));
    } else if (!stopped.has(client)) {
      stopped.add(client);
      texts.push(busy(client, seq, RETRY_AFTER_MS));
    }
  }
  return texts;
}

function busy(client: string, seq: number, retryAfter: number): string {
  return encodeMessage({ type: "busy", client, seq, retryAfter });
}
