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
 */
export class OpenAnswers {
  /** Those with nothing open are let go together: most clients soon have something open again. */
  readonly #tracks = new Map<string, Map<string, ClientTrack>>();
  #count = 0;
  #keep = LEAST_KEPT;
  readonly #onClosed: (entry: StoredEntry) => void;

  /** @param onClosed called when the last open answer of an entry is no longer open */
  constructor(onClosed: (entry: StoredEntry) => void) {
    this.#onClosed = onClosed;
  }

  /** The client, if it has open answers. */
  find(principal: string, client: string): ClientTrack | undefined {
    const track = this.#tracks.get(principal)?.get(client);
    return track && track.open.length > 0 ? track : undefined;
  }

  /** Takes note of `one`, which stands in `entry` as the answer number `index`. */
  add(one: Omit<FinishedHead, "version">, entry: StoredEntry, index: number): void {
    const known = this.#tracks.get(one.principal)?.get(one.client);
    if (known) this.#report(known, one.settled);
    if (one.seq <= Math.max(one.settled, known?.settled ?? 0)) return;
    (known ?? this.#begin(one)).open.push({ seq: one.seq, entry, index });
    entry.open++;
  }

  /** The client has reported all up to `settled`. False when nothing was known of it. */
  settle(principal: string, client: string, settled: number): boolean {
    const track = this.find(principal, client);
    if (!track) return false;
    this.#report(track, settled);
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
  }

  #begin({ principal, client, settled }: Omit<FinishedHead, "version">): ClientTrack {
    if (this.#count >= this.#keep) this.#forgetEmpty();
    this.#count++;
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
    while (open.length > left) open.pop();
  }

  /** Looked at when there are twice as many as there were left the last time. */
  #forgetEmpty(): void {
    for (const [principal, clients] of this.#tracks) {
      for (const [client, { open }] of clients) {
        if (open.length > 0 || !clients.delete(client)) continue;
        this.#count--;
      }
      if (clients.size === 0) this.#tracks.delete(principal);
    }
    this.#keep = Math.max(LEAST_KEPT, this.#count * 2);
  }
}

const LEAST_KEPT = 64;
