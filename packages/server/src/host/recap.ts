import { encodeMessage, type Limits } from "@holdfast/protocol";
import type { StateTree } from "../state/state-tree.ts";
import type { Journal } from "../storage/journal.ts";
import type { Connection } from "./connection.ts";
import type { News } from "./news.ts";
import { retellAll } from "./view/retelling.ts";
import type { View } from "./view/view.ts";
import type { Views } from "./view/views.ts";

/** What takes a reader from one version to a later one. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** A commit for each version, or one snapshot in place of them. */
  readonly texts: readonly string[];
}

/** The state at one version, as a message. */
export interface Snapshot {
  readonly version: number;
  readonly text: string;
}

interface KeptSnapshot extends Snapshot {
  /** How much had been told when it was made. */
  readonly madeAt: number;
}

/** So many characters of commits are read from the journal at a time. */
const PORTION_CHARACTERS = 128 * 1024;

/** What has happened, as it is told to those who come late or read slowly. */
export class Recap {
  readonly #tree: Pick<StateTree, "committed">;
  readonly #journal: Journal;
  readonly #views: Views;
  readonly #limits: Limits;
  /** The latest snapshot of each view, for clients that connect one after another. */
  readonly #snapshots = new Map<View, KeptSnapshot>();
  /** Characters of all commits so far. */
  #toldCharacters = 0;

  constructor(parts: {
    readonly tree: Pick<StateTree, "committed">;
    readonly journal: Journal;
    readonly views: Views;
    readonly limits: Limits;
  }) {
    this.#tree = parts.tree;
    this.#journal = parts.journal;
    this.#views = parts.views;
    this.#limits = parts.limits;
  }

  /** The newest durable version. */
  get version(): number {
    return this.#journal.version;
  }

  /** The state as of now, as it is seen in one view. */
  snapshot(view: View): Snapshot {
    const { epoch, version, mark } = this.#journal;
    const kept = this.#snapshots.get(view);
    if (kept?.version === version) return kept;
    const { schema } = view;
    const state = view.see(this.#tree.committed());
    const text = encodeMessage({ type: "snapshot", epoch, version, mark, schema, state });
    const made = { version, text, madeAt: this.#toldCharacters };
    this.#snapshots.set(view, made);
    return made;
  }

  /** A snapshot for somebody who has nothing; what follows it can be told, and is little beside it. */
  latestSnapshot(view: View): Snapshot {
    const kept = this.#snapshots.get(view);
    if (!kept) return this.snapshot(view);
    const { epoch } = this.#journal;
    const from = { epoch, version: kept.version, mark: undefined };
    const isFollowed = this.#journal.resume(from, 0) !== undefined;
    const since = this.#toldCharacters - kept.madeAt;
    return isFollowed && since < kept.text.length / 2 ? kept : this.snapshot(view);
  }

  /**
   * The first of the commits that follow what a client has; the others are told `after` them.
   * `undefined` where it takes a snapshot.
   */
  resume(
    view: View,
    from: { readonly epoch: string; readonly version: number; readonly mark: string | undefined },
  ): Stretch | undefined {
    // What a view cannot be told of a commit shows only in the state behind all of them.
    const most = view.isWhole ? PORTION_CHARACTERS : Number.POSITIVE_INFINITY;
    const commits = this.#journal.resume(from, most);
    const texts = commits && retellAll(commits, view, () => this.#tree.committed());
    return texts && { from: from.version, to: from.version + texts.length, texts };
  }

  /** What follows a version that a connection was brought to; `undefined` where it is not kept. */
  after(connection: Connection, version: number): Stretch | undefined {
    const { epoch } = this.#journal;
    const view = this.#views.of(connection);
    const stretch = this.resume(view, { epoch, version, mark: undefined });
    if (stretch || view.isWhole) return stretch;
    const { version: to, text } = this.snapshot(view);
    return { from: version, to, texts: [text] };
  }

  /**
   * The state has changed: snapshots are of no more use. Only a large one that somebody is reading
   * still stays: it is in memory anyway, and whoever comes is given the same one, and the commits
   * behind it. So however many read at whatever pace, there are hardly ever two of them.
   */
  committed(news: readonly News[], holds: (text: string) => boolean): void {
    let characters = 0;
    for (const one of news) if (one.type === "commit") characters += one.text.length;
    if (characters === 0) return;
    this.#toldCharacters += characters;
    for (const [view, { text }] of this.#snapshots) {
      if (text.length <= this.#limits.frameOutBytes || !holds(text)) this.#snapshots.delete(view);
    }
  }
}
