/** What a browser offers its pages to keep things by; see `persistence` of the client. */
export interface BrowserGlobals {
  readonly indexedDB: IDBFactory;
  readonly locks: LockManager;
  readonly BroadcastChannel: typeof BroadcastChannel;
}

/** A page's part of its browser: what it has asked for comes back through `later`, while it lives. */
export interface Tenant {
  readonly later: (callback: () => void) => void;
  /** What it still says is not heard. */
  readonly isGone: () => boolean;
}

type KeyPart = string | number | readonly KeyPart[];
interface Range {
  readonly lower: KeyPart;
  readonly upper: KeyPart;
  readonly lowerOpen: boolean;
  readonly upperOpen: boolean;
}
interface Row {
  readonly key: readonly KeyPart[];
  readonly value: unknown;
}
interface Waiting {
  readonly tenant: Tenant;
  readonly granted: () => void;
}

/**
 * The database, locks and channels of one browser, as far as the client uses them, in memory. What a
 * page has asked for is done, as if it had reached the browser's own process; what it hears of it, and
 * when, is up to the world.
 */
export class BrowserStorage {
  readonly #stores = new Map<string, Map<string, Row>>();
  readonly #locks = new Map<string, Waiting[]>();
  readonly #channels = new Set<{ tenant: Tenant; name: string; hear: (data: unknown) => void }>();

  /** Every row that is kept, as text. */
  rows(): { readonly store: string; readonly text: string }[] {
    return [...this.#stores].flatMap(([store, rows]) =>
      [...rows.values()].map((row) => ({ store, text: JSON.stringify(row) })),
    );
  }

  globals(tenant: Tenant): BrowserGlobals {
    // True as far as the client goes: it uses no more of these than there is.
    return {
      indexedDB: this.#factory(tenant) as unknown as IDBFactory,
      locks: this.#lockManager(tenant) as unknown as LockManager,
      BroadcastChannel: this.#channelOf(tenant) as unknown as typeof BroadcastChannel,
    };
  }

  /** The page is gone: what it held is free. */
  leave(tenant: Tenant): void {
    for (const one of this.#channels) if (one.tenant === tenant) this.#channels.delete(one);
    for (const [name, line] of this.#locks) {
      const held = line[0]?.tenant === tenant;
      const others = line.filter((one) => one.tenant !== tenant);
      this.#locks.set(name, others);
      if (held) others[0]?.granted();
    }
  }

  #factory(tenant: Tenant): object {
    const database = {
      transaction: () => this.#transaction(tenant),
      close: () => undefined,
      createObjectStore: (name: string) => this.#stores.set(name, new Map()),
    };
    return {
      open: () => {
        const request: Record<string, unknown> = { result: database };
        tenant.later(() => {
          if (this.#stores.size === 0) (request["onupgradeneeded"] as () => void)();
          (request["onsuccess"] as () => void)();
        });
        return request;
      },
    };
  }

  #transaction(tenant: Tenant): object {
    const transaction: Record<string, unknown> = {
      objectStore: (name: string) => objectStore(this.#rowsOf(tenant, name)),
      commit: () => tenant.later(() => (transaction["oncomplete"] as () => void)()),
    };
    return transaction;
  }

  #rowsOf(tenant: Tenant, store: string): Map<string, Row> {
    const rows = this.#stores.get(store) ?? new Map<string, Row>();
    return tenant.isGone() ? new Map(rows) : rows;
  }

  #lockManager(tenant: Tenant): object {
    return {
      request: async (
        name: string,
        options: { signal?: AbortSignal; ifAvailable?: boolean },
        work: (lock: object | null) => unknown,
      ) => {
        const line = this.#locks.get(name) ?? [];
        this.#locks.set(name, line);
        if (options.ifAvailable && line.length > 0) return work(null);
        const waiting: { tenant: Tenant; granted: () => void } = { tenant, granted: () => {} };
        const leave = (): void => {
          const now = this.#locks.get(name) ?? [];
          const at = now.indexOf(waiting);
          if (at === -1) return;
          now.splice(at, 1);
          if (at === 0) now[0]?.granted();
        };
        await new Promise<void>((resolve, reject) => {
          waiting.granted = () => tenant.later(resolve);
          options.signal?.addEventListener("abort", () => {
            if (line.indexOf(waiting) > 0) leave();
            reject(new Error("The request for the lock was aborted."));
          });
          line.push(waiting);
          if (line[0] === waiting) waiting.granted();
        });
        try {
          return await work({ name });
        } finally {
          leave();
        }
      },
    };
  }

  #channelOf(tenant: Tenant): object {
    const channels = this.#channels;
    return class {
      onmessage: ((event: { data: unknown }) => void) | null = null;
      readonly #own: { tenant: Tenant; name: string; hear: (data: unknown) => void };
      constructor(name: string) {
        const hear = (data: unknown): void => this.onmessage?.({ data });
        this.#own = { tenant, name, hear };
        channels.add(this.#own);
      }
      postMessage(data: unknown): void {
        for (const other of channels) {
          if (other === this.#own || other.name !== this.#own.name) continue;
          const copy = structuredClone(data);
          other.tenant.later(() => channels.has(other) && other.hear(copy));
        }
      }
      close(): void {
        channels.delete(this.#own);
      }
    };
  }
}

/** Stands in for the global of that name. */
export const FakeKeyRange = {
  bound: (lower: KeyPart, upper: KeyPart, lowerOpen = false, upperOpen = false): Range => ({
    lower,
    upper,
    lowerOpen,
    upperOpen,
  }),
};

function objectStore(rows: Map<string, Row>): object {
  const within = (range: Range): Row[] =>
    [...rows.values()]
      .filter(({ key }) => isWithin(key, range))
      .toSorted((one, other) => compare(one.key, other.key));
  return {
    get: (key: readonly KeyPart[]) => ({
      result: structuredClone(rows.get(JSON.stringify(key))?.value),
    }),
    getAll: (range: Range) => ({ result: structuredClone(within(range).map((row) => row.value)) }),
    getAllKeys: (range: Range) => ({ result: within(range).map(({ key }) => key) }),
    put: (value: unknown, key: readonly KeyPart[]) => {
      rows.set(JSON.stringify(key), { key: [...key], value: structuredClone(value) });
      return {};
    },
    delete: (what: Range | readonly KeyPart[]) => {
      if (Array.isArray(what)) rows.delete(JSON.stringify(what));
      // Not a list: a range.
      else for (const { key } of within(what as Range)) rows.delete(JSON.stringify(key));
      return {};
    },
  };
}

function isWithin(key: KeyPart, { lower, upper, lowerOpen, upperOpen }: Range): boolean {
  const low = compare(key, lower);
  const high = compare(key, upper);
  return (lowerOpen ? low > 0 : low >= 0) && (upperOpen ? high < 0 : high <= 0);
}

/** Numbers, then strings, then lists, as IndexedDB has it. */
function compare(one: KeyPart, other: KeyPart): number {
  const kinds = rank(one) - rank(other);
  if (kinds !== 0) return kinds;
  if (typeof one === "object" && typeof other === "object") {
    for (let at = 0; at < Math.min(one.length, other.length); at++) {
      const parts = compare(one[at] as KeyPart, other[at] as KeyPart);
      if (parts !== 0) return parts;
    }
    return one.length - other.length;
  }
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function rank(part: KeyPart): number {
  if (typeof part === "number") return 0;
  return typeof part === "string" ? 1 : 2;
}
