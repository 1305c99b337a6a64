import type { Environment } from "../environment.ts";
import { Timeout } from "../timeout.ts";
import type { ActionRow } from "./action-row.ts";
import type { CacheDatabase, Stores } from "./cache-database.ts";
import { under } from "./place.ts";

/** What is reported is removed together: a removal is forced to the disk, which costs. */
const REMOVE_DELAY_MS = 100;
/** A removal that failed is tried again: until it is done, the server keeps the answers. */
const RETRY_MS = 5_000;

interface DurableOutboxOptions {
  readonly environment: Environment;
  readonly database: CacheDatabase;
  /** Of the place, and the client id: what rows are found by. */
  readonly key: readonly (string | number)[];
  readonly client: string;
  /** How often the session has moved, where that is known. */
  readonly generation: () => number | undefined;
  /** Resolves once nobody takes the outbox for that of a page that is gone. */
  readonly isHeld: Promise<unknown>;
}

/** What the store hands in of an action. */
interface Dispatched {
  readonly type: "action" | "patch";
  readonly text: {
    readonly name: string;
    readonly payload: string | undefined;
    readonly base?: number;
    readonly after?: number;
  };
  readonly at: number;
}

/**
 * The actions of one client id in the browser's database. They are written in the order of their
 * sequences, and removed from the first one on: what is there is never more than one run of them.
 *
 * Adding is `relaxed`: it survives the page and the browser, not a power failure. Removing is
 * `strict`, as the server is told afterwards, and forgets: an action that came back would get no
 * answer any more.
 */
export class DurableOutbox {
  readonly #options: DurableOutboxOptions;
  readonly #rows = new Map<number, ActionRow>();
  #unwritten: ActionRow[] = [];
  #isWriting = false;
  /** One was not written: those after it would leave it out. */
  #isBroken = false;
  #removed = 0;
  /** Up to here a removal is under way: what is put now would stay. */
  #removing = 0;
  readonly #removal: Timeout;
  #onRemoved: (() => void)[] = [];
  #isClosed = false;

  /** @param rows what is there already */
  constructor(options: DurableOutboxOptions, rows: readonly ActionRow[] = []) {
    this.#options = options;
    this.#removal = new Timeout(options.environment);
    for (const row of rows) this.#rows.set(row.seq, row);
  }

  add(seq: number, { type, text, at }: Dispatched): void {
    const { name, payload, base = 0, after = 0 } = text;
    const { client } = this.#options;
    const generation = this.#options.generation();
    const row = {
      client,
      seq,
      name,
      at,
      ...(generation !== undefined && { generation }),
      ...(payload !== undefined && { payload }),
      ...(type === "patch" && { patch: { base, after } }),
    };
    this.#rows.set(seq, row);
    this.#write(row);
  }

  answered(seq: number): void {
    const row = this.#rows.get(seq);
    if (row) this.#write({ ...row, isAnswered: true });
  }

  remove(seq: number, onRemoved: () => void): void {
    this.#removed = seq;
    this.#onRemoved.push(onRemoved);
    this.#removeIn(REMOVE_DELAY_MS);
  }

  /** Goes along with a snapshot that has their effects: nobody is to see those twice. */
  markAnswered(actions: Stores["actions"]): void {
    if (this.#isBroken) return;
    for (const row of this.#rows.values()) {
      const isAnswered = row.seq <= this.#removed && row.seq > this.#removing;
      if (isAnswered) actions.put({ ...row, isAnswered: true }, this.#keyOf(row));
    }
  }

  /** Nothing more is kept; what is kept stays for the next page. */
  close(): void {
    this.#isClosed = true;
    this.#removal.clear();
  }

  /** Leaves nothing but the rows that it began with. */
  async prune(): Promise<void> {
    const seqs = [...this.#rows.keys()];
    const [first = Infinity, last = Infinity] = [seqs[0], seqs.at(-1)];
    await this.#transact("strict", ({ actions }) => {
      actions.delete(IDBKeyRange.bound(this.#key(), [...this.#key(), first], true, true));
      actions.delete(IDBKeyRange.bound([...this.#key(), last], [...this.#key(), []], true));
    });
  }

  /** Nothing more is kept, and nothing stays. */
  async erase(): Promise<void> {
    this.close();
    await this.#transact("strict", ({ actions }) => {
      actions.delete(under(this.#key()));
    });
  }

  /** Those of one task are written together, in a microtask of it. */
  #write(row: ActionRow): void {
    if (this.#isBroken || this.#isClosed) return;
    this.#unwritten.push(row);
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#options.isHeld.then(async () => {
      const rows = this.#unwritten;
      this.#unwritten = [];
      this.#isWriting = false;
      if (this.#isClosed) return;
      try {
        await this.#transact("relaxed", ({ actions }) => {
          for (const one of rows) actions.put(one, this.#keyOf(one));
        });
      } catch (error) {
        this.#isBroken = true;
        this.#options.environment.report(
          "Holdfast: actions could not be stored in this browser. They are sent, but do not survive the page.",
          error,
        );
      }
    });
  }

  #removeIn(milliseconds: number): void {
    if (this.#removing > 0 || this.#removal.isSet) return;
    this.#removal.set(milliseconds, () => void this.#remove());
  }

  async #remove(): Promise<void> {
    const last = this.#removed;
    this.#removing = last;
    const callbacks = this.#onRemoved;
    this.#onRemoved = [];
    try {
      await this.#transact("strict", ({ actions }) => {
        actions.delete(IDBKeyRange.bound(this.#key(), [...this.#key(), last]));
      });
    } catch {
      this.#removing = 0;
      this.#onRemoved = [...callbacks, ...this.#onRemoved];
      if (!this.#isClosed) this.#removeIn(RETRY_MS);
      return;
    }
    this.#removing = 0;
    for (const seq of this.#rows.keys()) if (seq <= last) this.#rows.delete(seq);
    if (this.#isClosed) return;
    for (const callback of callbacks) callback();
    if (this.#onRemoved.length > 0) this.#removeIn(REMOVE_DELAY_MS);
  }

  #transact(
    durability: IDBTransactionDurability,
    work: (stores: Stores) => void,
  ): Promise<unknown> {
    return this.#options.database.transact("readwrite", durability, work);
  }

  #keyOf({ seq }: ActionRow): (string | number)[] {
    return [...this.#options.key, seq];
  }

  #key(): (string | number)[] {
    return [...this.#options.key];
  }
}
