import type { FinishedHead } from "./journal-row.ts";
import type { StoredEntry } from "./stored-entry.ts";

/** An answer that its client may still ask for: in which entry it stands, and as which of its answers. */
export interface OpenAnswer {
  readonly seq: number;
  readonly entry: StoredEntry;
  readonly index: number;
}

/** One client with answers in the journal that it has not reported. */
export interface ClientTrack {
  readonly principal: string;
  readonly client: string;
  settled: number;
  /** In the order of their entries. */
  readonly open: OpenAnswer[];
}

export interface OpenAnswersOfClient {
  readonly track: ClientTrack;
  readonly answers: readonly OpenAnswer[];
}

/**
 * Which answers in the journal must not be lost when their row is written over. Texts stay on disk.
 * A client with nothing open is not in here.
 */
export class OpenAnswers {
  readonly #tracks = new Map<string, Map<string, ClientTrack>>();
  readonly #onClosed: (entry: StoredEntry) => void;

  /** @param onClosed called when the last open answer of an entry is no longer open */
  constructor(onClosed: (entry: StoredEntry) => void) {
    this.#onClosed = onClosed;
  }

  find(principal: string, client: string): ClientTrack | undefined {
    return this.#tracks.get(principal)?.get(client);
  }

  /** Takes note of `one`, which stands in `entry` as the answer number `index`. */
  add(one: Omit<FinishedHead, "version">, entry: StoredEntry, index: number): void {
    let track = this.find(one.principal, one.client);
    if (track) this.#report(track, one.settled);
    else if (one.seq > one.settled) track = this.#begin(one);
    if (track && one.seq > track.settled) {
      track.open.push({ seq: one.seq, entry, index });
      entry.open++;
    } else if (track?.open.length === 0) {
      this.#forget(track);
    }
  }

  /** The client has reported all up to `settled`. False when nothing was known of it. */
  settle(principal: string, client: string, settled: number): boolean {
    const track = this.find(principal, client);
    if (!track) return false;
    this.#report(track, settled);
    if (track.open.length === 0) this.#forget(track);
    return true;
  }

  /** Clients with open answers in entries up to the durable write `write`, and those answers. */
  upTo(write: number): OpenAnswersOfClient[] {
    const found: OpenAnswersOfClient[] = [];
    for (const clients of this.#tracks.values()) {
      for (const track of clients.values()) {
        const answers = track.open.filter(({ entry }) => entry.write <= write);
        if (answers.length > 0) found.push({ track, answers });
      }
    }
    return found;
  }

  /** The open answers of `track` in entries up to the durable write `write` are kept elsewhere now. */
  folded(track: ClientTrack, write: number): void {
    this.#close(track, ({ entry }) => entry.write <= write);
    if (track.open.length === 0) this.#forget(track);
  }

  #begin({ principal, client, settled }: Omit<FinishedHead, "version">): ClientTrack {
    const track: ClientTrack = { principal, client, settled, open: [] };
    const clients = this.#tracks.get(principal);
    if (clients) clients.set(client, track);
    else this.#tracks.set(principal, new Map([[client, track]]));
    return track;
  }

  #report(track: ClientTrack, settled: number): void {
    if (settled <= track.settled) return;
    track.settled = settled;
    this.#close(track, ({ seq }) => seq <= settled);
  }

  #close(track: ClientTrack, isClosed: (answer: OpenAnswer) => boolean): void {
    const { open } = track;
    let left = 0;
    for (const answer of open) {
      if (!isClosed(answer)) open[left++] = answer;
      else if (--answer.entry.open === 0) this.#onClosed(answer.entry);
    }
    open.length = left;
  }

  #forget({ principal, client }: ClientTrack): void {
    const clients = this.#tracks.get(principal);
    clients?.delete(client);
    if (clients?.size === 0) this.#tracks.delete(principal);
  }
}
