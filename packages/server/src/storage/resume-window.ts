import type { Limits } from "@holdfast/protocol";
import type { StoredEntry } from "./stored-entry.ts";

/**
 * The entries with commits that are still of use, oldest first:
 *
 *   above the checkpoint only │ anchor │ in the resume window … newest
 *
 * The anchor tells the mark of the version that the window begins after.
 */
export class ResumeWindow {
  readonly #limits: Limits;
  /** The entries stand from `#first` on; those before it were let go. */
  #entries: StoredEntry[] = [];
  #first = 0;
  /** Where the window begins in `#entries`. */
  #start = 0;
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  push(entry: StoredEntry): void {
    this.#entries.push(entry);
    if (!entry.sendable) {
      this.#start = this.#entries.length;
      this.#bytes = 0;
      return;
    }
    this.#bytes += entry.bytes;
    for (; this.#start < this.#entries.length; this.#start++) {
      const oldest = this.#at(this.#start);
      const versions = entry.last - oldest.first + 1;
      if (versions <= this.#limits.resumeVersions && this.#bytes <= this.#limits.resumeBytes) break;
      this.#bytes -= oldest.bytes;
    }
  }

  /** Lets go of what neither a resume nor a restore from the checkpoint at `version` needs. */
  release(version: number, letGo: (entry: StoredEntry) => void): void {
    while (this.#first < this.#start - 1 && this.#at(this.#first).last <= version) {
      letGo(this.#at(this.#first));
      this.#first++;
    }
    // Moved together once half of it is gone: cutting off one by one would move all of it each time.
    if (this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#start -= this.#first;
    this.#first = 0;
  }

  /**
   * The entries with commits after `version`; `undefined` outside the window or in another history.
   *
   * @param mark `undefined` for a version that is known to be of this history
   */
  after(version: number, mark: string | undefined): StoredEntry[] | undefined {
    const index = this.#indexOf(version);
    const before = index < this.#first ? undefined : this.#at(index);
    // A history begins at version 0, which no commit made and no mark was drawn for.
    if (before ? before.last < version : version !== 0) return undefined;
    if (mark !== undefined && mark !== (before?.mark ?? "")) return undefined;
    const start = before && version < before.last ? index : index + 1;
    const next = this.#entries[start];
    if (start < this.#start || (next && next.first > version + 1)) return undefined;
    return this.#entries.slice(start);
  }

  /** Entries with commits above `version`, oldest first. */
  above(version: number): StoredEntry[] {
    return this.#entries.slice(this.#first).filter(({ last }) => last > version);
  }

  /** The last entry that begins at or before `version`; the index before the first where there is none. */
  #indexOf(version: number): number {
    let low = this.#first;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle).first <= version) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #at(index: number): StoredEntry {
    // True because every caller keeps `index` below the length.
    return this.#entries[index] as StoredEntry;
  }
}
