import {
  type ClientMessage,
  encodeAnswer,
  encodeMessage,
  type HelloMessage,
  type Limits,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { Call } from "./call.ts";
import type { Connection } from "./connection.ts";
import type { Arrival } from "./group.ts";
import type { Platform } from "./platform.ts";
import { Rate } from "./rate.ts";
import { readFrame } from "./read-frame.ts";
import type { Sequence, Sequences } from "./sequences.ts";

/** How long a client waits before it sends again what nothing was decided about. */
const RETRY_AFTER_MS = 1_000;

/** What one connection is to be told of what it sent. */
export interface Reply {
  readonly connection: Connection;
  readonly text: string;
  /** It is true only as long as this one is under way. */
  readonly underWay?: Sequence;
}

/** What the actions of frames come to. */
export interface Taken {
  /** To be run, in order. */
  readonly calls: Call[];
  /** In the order of what they answer. */
  readonly replies: Reply[];
}

/** Decides which of the actions that arrive are run: each once, in its client's order. */
export class Doorkeeper {
  readonly #module: ModuleDefinition;
  readonly #sequences: Sequences;
  readonly #platform: Platform;
  readonly #limits: Limits;
  readonly #rate: Rate;

  constructor(
    module: ModuleDefinition,
    sequences: Sequences,
    { platform, limits }: { readonly platform: Platform; readonly limits: Limits },
  ) {
    this.#module = module;
    this.#sequences = sequences;
    this.#platform = platform;
    this.#limits = limits;
    this.#rate = new Rate(limits);
  }

  /**
   * The messages of a frame.
   *
   * @throws HoldfastError for a frame that is none, and for one of a client whose stored answers cannot
   * be read: that is this client's trouble alone
   */
  read(connection: Connection, frame: string | ArrayBuffer): ClientMessage[] {
    const messages = readFrame(connection, frame, this.#limits);
    for (const message of messages) if (message.type === "hello") this.#load(connection, message);
    return messages;
  }

  #load({ meta: { principal } }: Connection, { clients }: HelloMessage): void {
    try {
      for (const { id, settled } of clients) this.#sequences.load(principal, id, settled);
    } catch (error) {
      this.#platform.report(error, "A client could not be greeted");
      throw error;
    }
  }

  /**
   * Adds what the actions of a frame come to.
   *
   * @param full whether no more actions may wait for their turn
   */
  takeIn({ connection, actions, at }: Arrival, full: boolean, taken: Taken): void {
    const { principal, clients = [], settled: settledAtHello = [] } = connection.meta;
    // A client that was told `busy` or `gap` sends all from there again: what follows is skipped.
    let stopped: Set<string> | undefined;
    for (const action of actions) {
      const { seq } = action;
      const index = clients.indexOf(action.client);
      // The one text of this id that is used over and over: found in maps without being compared.
      const client = clients[index] ?? action.client;
      const settled = Math.max(action.settled, settledAtHello[index] ?? 0);
      if (stopped?.has(client)) continue;
      const sequence: Sequence = { principal, client, seq, settled };
      const verdict = this.#decide(sequence, full, at);
      if (verdict === START) {
        this.#sequences.start(sequence);
        if (action.type === "patch") {
          taken.calls.push({ type: "patch", patch: action, sequence, connection });
        } else {
          const definition = this.#module.actions.get(action.name);
          taken.calls.push({
            type: "action",
            action,
            sequence,
            caller: connection.meta,
            connection,
            definition,
          });
        }
      } else if (verdict === AGAIN) {
        taken.replies.push({ connection, text: receivedText(client, seq), underWay: sequence });
      } else {
        const { text } = verdict;
        if (text !== undefined) taken.replies.push({ connection, text });
        if (verdict.stop) (stopped ??= new Set()).add(client);
      }
    }
  }

  #decide(sequence: Sequence, full: boolean, now: number): Verdict {
    const { principal, client, seq } = sequence;
    const decision = this.#sequences.decide(sequence);
    switch (decision.type) {
      case "start": {
        if (full) return tell(busyText(client, seq, RETRY_AFTER_MS), true);
        const retryAfter = this.#rate.take(principal, now);
        return retryAfter === 0 ? START : tell(busyText(client, seq, retryAfter), true);
      }
      case "settled":
        return tell(undefined, false);
      case "running":
        return AGAIN;
      case "finished":
        return tell(encodeAnswer(client, seq, decision.answer), false);
      case "gap":
        return tell(encodeMessage({ type: "gap", client, seq: decision.expected }), true);
      case "full":
        return tell(busyText(client, seq, RETRY_AFTER_MS), true);
    }
  }
}

/** What to say instead of running the action, and whether all behind it has to wait. */
interface Verdict {
  readonly text: string | undefined;
  readonly stop: boolean;
}

const START: Verdict = { text: undefined, stop: false };
const AGAIN: Verdict = { text: undefined, stop: false };

function tell(text: string | undefined, stop: boolean): Verdict {
  return { text, stop };
}

/** Nothing is decided about `seq` and what follows it. */
export function busyText(client: string, seq: number, retryAfter: number = RETRY_AFTER_MS): string {
  return encodeMessage({ type: "busy", client, seq, retryAfter });
}

/** The client has to make its patches again, from `seq` on. */
export function staleText(client: string, seq: number): string {
  return encodeMessage({ type: "stale", client, seq });
}

/** A part of the action is durable. */
export function publishedText(client: string, seq: number): string {
  return encodeMessage({ type: "published", client, seq });
}

/** The action was taken in: its answer will come. */
export function receivedText(client: string, seq: number): string {
  return encodeMessage({ type: "received", client, seq });
}
