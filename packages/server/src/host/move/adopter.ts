import { decodeValue, HoldfastError, type ValueObject } from "@holdfast/protocol";
import type { ModuleDefinition } from "../../module/definition.ts";
import { putPlaces } from "../../state/put-places.ts";
import type { Journal } from "../../storage/journal.ts";
import type { Committer } from "../commit.ts";
import { become } from "../restore.ts";
import type { News } from "../news.ts";
import type { Sequence, Sequences } from "../sequences.ts";
import type { Turn } from "../turn.ts";
import { decodePlaces, type KeyWatch } from "./key-watch.ts";
import type { Adoption, AdoptOutcome } from "./move.ts";

/** What an adopter works with. */
export interface AdopterParts {
  readonly module: ModuleDefinition;
  readonly watch: KeyWatch;
  readonly journal: Journal;
  readonly committer: Committer;
  readonly sequences: Sequences;
  readonly turn: Turn;
  readonly tell: (news: readonly News[]) => void;
}

/** Takes sessions in that move here: each in one commit, once, however often it is asked. */
export class Adopter {
  readonly #parts: AdopterParts;

  constructor(parts: AdopterParts) {
    this.#parts = parts;
  }

  /** @throws Error when storage fails for the moment: nothing is decided */
  adopt(adoption: Adoption): Promise<AdoptOutcome> {
    return new Promise((resolve, reject) => {
      this.#parts.turn.whenFree(() => {
        try {
          resolve(this.#adopt(adoption));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** Of the actions that moved a session here, those of a client whose answer it may have missed. */
  missed(session: string, generation: number, client: string, settled: number): readonly number[] {
    const { sequences } = this.#parts;
    const missed = sequences.missed(adopted(session, generation), client, settled);
    return missed.flatMap(([seq, { type }]) => (type === "ack" ? [seq] : []));
  }

  /** What the action returned, encoded. */
  resultOf(session: string, generation: number, client: string, seq: number): string | undefined {
    const { sequences } = this.#parts;
    const answer = sequences
      .missed(adopted(session, generation), client, seq - 1)
      .find(([one]) => one === seq)?.[1];
    return answer?.type === "ack" ? answer.result : undefined;
  }

  #adopt(adoption: Adoption): AdoptOutcome {
    const { committer, sequences, tell } = this.#parts;
    const { session, generation, client, seq } = adoption;
    // That it was done is known by the answer that the same row holds, as of any action.
    const sequence: Sequence = {
      principal: adopted(session, generation + 1),
      client,
      seq,
      settled: seq - 1,
    };
    const decision = sequences.decide(sequence);
    if (decision.type === "finished") {
      const { answer } = decision;
      return answer.type === "ack" ? ADOPTED : { type: "refused", error: answer.error };
    }
    if (decision.type !== "start") throw new Error(`An adoption is ${decision.type}.`);
    sequences.start(sequence);
    const [outcome] = committer.commit([
      {
        name: "adopt",
        sequence,
        isAdoption: true,
        session,
        run: (state) => this.#arrive(state, adoption),
      },
    ]);
    if (outcome?.type !== "decided") throw new Error("Storage did not take a session that moved.");
    const { answer, commit } = outcome;
    if (commit !== undefined) tell([{ type: "commit", text: commit }]);
    if (answer.type === "ack") return ADOPTED;
    // Nothing of it is stored: S knows, or asks again.
    sequences.forget(sequence.principal, client);
    return { type: "refused", error: answer.error };
  }

  /** The state as the session finds it. What it returns is the result of the action that moved it. */
  #arrive(state: object, adoption: Adoption): unknown {
    const { module, watch, journal } = this.#parts;
    const { from, to, places, result } = adoption;
    // A guest is a state, and `S` has encoded it.
    const guest =
      adoption.guest === undefined ? undefined : (decodeValue(adoption.guest) as ValueObject);
    if (to === null) become(state, module.initial);
    else if (!journal.meta && guest) become(state, guest);
    putPlaces(state, decodePlaces(places));
    module.hooks.keyChange?.(state, { from, to, guest });
    if (watch.keyOf(state, adoption.session) !== to) {
      throw new HoldfastError(
        "KEY_CHANGE",
        "The key of this module is another one once the stored state and what the action wrote are put together. Let withKey() depend on what the login writes only.",
      );
    }
    return result === undefined ? undefined : decodeValue(result);
  }
}

const ADOPTED: AdoptOutcome = { type: "adopted" };

/** No session and no user is called so: sessions hold no colon, users begin with theirs. */
function adopted(session: string, generation: number): string {
  return `adopted:${session}:${generation}`;
}
