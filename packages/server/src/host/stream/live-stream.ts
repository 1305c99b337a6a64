import {
  formatPath,
  HoldfastError,
  type Path,
  type StreamValue,
  utf8Length,
} from "@holdfast/protocol";
import { INTERRUPTED } from "./interrupt-streams.ts";
import type { StreamAction, StreamOwner } from "./stream-owner.ts";
import { changeStream, checkedText, type StreamChange } from "./stream-change.ts";

/**
 * A stream that asynchronous actions write to: what it should be, what of that is stored, and what of
 * that readers have been told.
 *
 *   text   ├── base ──────────────┼── tail ────────────────────────┤
 *          stored, or to be       not stored   ├── unsent ─────────┤
 *
 * Texts are kept in pieces: only storing puts them together.
 */
export class LiveStream {
  /** What stands in the tree: to be compared, never looked into. */
  readonly node: StreamValue;
  /** Where it stands; puts up with being moved. */
  path: Path;
  /** As it was committed last. */
  stored: StreamValue;
  /** Who writes to it; `undefined`: nobody does any more. */
  owner: StreamOwner | undefined;
  /** On whose behalf it was changed last. */
  action: StreamAction | undefined;
  /** The id under which it is known to be under way, should the memory be lost. */
  row: string | undefined;
  /** Since when something is not stored; `undefined`: all is. */
  dirtySince: number | undefined;
  /** It is to be stored now, not when its time has come. */
  isUrgent = false;
  #wanted: Omit<StreamValue, "text">;
  #base: string;
  #tail = "";
  #unsent = "";
  /** Of the text, encoded. */
  #bytes: number;
  readonly #mostBytes: number;

  constructor(path: Path, node: StreamValue, mostBytes: number) {
    const { text, ...wanted } = node;
    this.node = node;
    this.path = path;
    // A copy: the tree changes its own in place.
    this.stored = { ...node };
    this.#wanted = wanted;
    this.#base = text;
    this.#bytes = encodedBytes(text);
    this.#mostBytes = mostBytes;
  }

  /** All that was written. */
  get value(): StreamValue {
    const { id, status, error } = this.#wanted;
    return { id, status, text: this.#base + this.#tail, error };
  }

  get id(): string {
    return this.#wanted.id;
  }

  get status(): StreamValue["status"] {
    return this.#wanted.status;
  }

  get error(): string | null {
    return this.#wanted.error;
  }

  /** Readers have the beginning of this text in their state: they may be told how it goes on. */
  get isLive(): boolean {
    const { id, status } = this.stored;
    return id === this.#wanted.id && status === "streaming" && this.#tail !== "";
  }

  /** Its text is durable as far as it goes, under the id that it has. */
  get hasBegun(): boolean {
    return this.stored.id === this.#wanted.id;
  }

  /** How much is not stored, in UTF-16 units. */
  get unstored(): number {
    return this.#tail.length;
  }

  get hasUnsent(): boolean {
    return this.#unsent !== "";
  }

  /**
   * @throws HoldfastError `VALUE_TOO_LARGE` or `VALUE_UNSUPPORTED`; nothing has changed then
   */
  change(change: StreamChange, newId: () => string): void {
    if (change.type === "append" && this.#wanted.status === "streaming") {
      this.#grow(checkedText(change.text));
      return;
    }
    const next = changeStream(this.value, change, newId);
    const bytes = encodedBytes(next.text);
    this.#assertFits(bytes);
    this.#bytes = bytes;
    const { text, ...wanted } = next;
    if (change.type !== "complete" && change.type !== "fail") {
      this.#base = text;
      this.#tail = this.#unsent = "";
    }
    this.#wanted = wanted;
    this.isUrgent = true;
  }

  /** What readers in step are told next, and what those who may have missed something are. */
  news(): { readonly fresh: Piece; readonly whole: Piece } {
    const end = this.#base.length + this.#tail.length;
    return {
      fresh: { id: this.id, from: end - this.#unsent.length, text: this.#unsent },
      whole: { id: this.id, from: this.#base.length, text: this.#tail },
    };
  }

  /**
   * What was written since it was stored last is dropped, and nobody goes on with what is stored. Under
   * its id readers may have been told more than that, so nothing may be appended to it either.
   */
  revert(): void {
    const { text, ...wanted } = this.stored;
    const isOpen = wanted.status === "streaming";
    this.#wanted = isOpen ? { ...wanted, status: "error", error: INTERRUPTED } : wanted;
    this.#base = text;
    this.#tail = this.#unsent = "";
    this.#bytes = encodedBytes(text);
  }

  /** Readers in step have been told all. */
  sent(): void {
    this.#unsent = "";
  }

  /** All of `value` is durable: readers have it, or will, by its commit. */
  isStored(value: StreamValue, row: string | undefined): void {
    this.stored = value;
    this.row = row;
    this.#base = value.text;
    this.#tail = this.#unsent = "";
    this.dirtySince = undefined;
    this.isUrgent = false;
  }

  /** Costs what is appended. */
  #grow(text: string): void {
    const bytes = this.#bytes + encodedBytes(text);
    this.#assertFits(bytes);
    this.#bytes = bytes;
    this.#tail += text;
    this.#unsent += text;
  }

  #assertFits(bytes: number): void {
    if (bytes <= this.#mostBytes) return;
    throw new HoldfastError(
      "VALUE_TOO_LARGE",
      `The stream at ${formatPath(this.path)} would be larger than ${this.#mostBytes} bytes. Go on in another one.`,
    );
  }
}

/** A piece of a stream's text, and where it stands. */
export interface Piece {
  readonly id: string;
  readonly from: number;
  readonly text: string;
}

function encodedBytes(text: string): number {
  return utf8Length(JSON.stringify(text));
}
