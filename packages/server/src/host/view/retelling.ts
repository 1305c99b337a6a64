import { type CommitMessage, decodeServerFrame, type Value } from "@holdfast/protocol";
import type { Connection } from "../connection.ts";
import { settledContainer } from "./settled-container.ts";
import type { View } from "./view.ts";

/** What a retelling works with. */
export interface RetellingParts {
  readonly viewOf: (connection: Connection) => View;
  /** The message that gives the state as of now, as it is seen in one view. */
  readonly snapshot: (view: View) => string;
  /** The committed state as of now. */
  readonly state: () => Value;
}

/** Commits that are told together, once for each view. */
export class Retelling {
  readonly #texts: readonly string[];
  readonly #parts: RetellingParts;
  readonly #told = new Map<View, readonly string[]>();
  #commits: readonly CommitMessage[] | undefined;

  constructor(texts: readonly string[], parts: RetellingParts) {
    this.#texts = texts;
    this.#parts = parts;
  }

  /**
   * All of them, as the connection sees them, or a snapshot in place of those that it cannot be told;
   * the same list for all who see the same.
   */
  texts(connection: Connection): readonly string[] {
    const { viewOf, snapshot, state } = this.#parts;
    const view = viewOf(connection);
    let told = this.#told.get(view);
    if (!told) this.#told.set(view, (told = this.#retell(view, state) ?? [snapshot(view)]));
    return told;
  }

  #retell(view: View, state: () => Value): readonly string[] | undefined {
    if (view.isWhole || this.#texts.length === 0) return this.#texts;
    // Decoded, because what the action's own patches hold has changed since, maybe.
    this.#commits ??= decode(this.#texts);
    return retell(this.#commits, view, state);
  }
}

/** Stored commits up to the newest one; `undefined` where it takes a snapshot. */
export function retellAll(
  texts: readonly string[],
  view: View,
  state: () => Value,
): readonly string[] | undefined {
  return view.isWhole ? texts : retell(decode(texts), view, state);
}

function retell(
  commits: readonly CommitMessage[],
  view: View,
  state: () => Value,
): string[] | undefined {
  const containerAt = settledContainer(
    state,
    commits.map(({ patches }) => patches),
  );
  const seen: string[] = [];
  for (const commit of commits) {
    const text = view.retell(commit, containerAt);
    if (text === undefined) return undefined;
    seen.push(text);
  }
  return seen;
}

function decode(texts: readonly string[]): CommitMessage[] {
  // True because only commits are stored and told.
  return texts.flatMap((text) => decodeServerFrame(text) as CommitMessage[]);
}
