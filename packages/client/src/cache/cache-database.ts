const NAME = "holdfast";
const VERSION = 1;
/** Snapshots by place; actions by place, client id and sequence. */
const STORES = ["snapshots", "actions"] as const;

export type Stores = Readonly<Record<(typeof STORES)[number], IDBObjectStore>>;

/** The browser's database, opened when it is first used, and again when the browser has closed it. */
export class CacheDatabase {
  readonly #factory: IDBFactory | undefined;
  #opened: Promise<IDBDatabase> | undefined;

  constructor(factory: IDBFactory | undefined) {
    this.#factory = factory;
  }

  /**
   * Runs one transaction; `work` makes all of its requests at once. Once the database is open, they
   * are under way when the current task ends: they and the commit are messages to the browser's own
   * process by then, and the page may die.
   *
   * @param durability `strict`: survives a power failure as well when it resolves
   * @returns what `work` asked for, once the transaction is complete
   */
  async transact<Result>(
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability,
    work: (stores: Stores) => IDBRequest<Result> | void,
  ): Promise<Result | undefined> {
    const transaction = await this.#begin(mode, durability);
    return new Promise((resolve, reject) => {
      const [snapshots, actions] = STORES;
      const request = work({
        snapshots: transaction.objectStore(snapshots),
        actions: transaction.objectStore(actions),
      });
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("The page went away."));
      transaction.commit();
    });
  }

  async #begin(
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability,
  ): Promise<IDBTransaction> {
    const database = await this.#open();
    try {
      return database.transaction(STORES, mode, { durability });
    } catch {
      // The browser has closed it: "clear site data", or a newer page that changes the database.
      this.#opened = undefined;
      return (await this.#open()).transaction(STORES, mode, { durability });
    }
  }

  #open(): Promise<IDBDatabase> {
    this.#opened ??= open(this.#factory).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }
}

function open(factory: IDBFactory | undefined): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    if (!factory) throw new Error("This browser has no IndexedDB.");
    const request = factory.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const name of STORES) request.result.createObjectStore(name);
    };
    request.onerror = () => reject(request.error ?? new Error("IndexedDB does not open."));
    request.onsuccess = () => {
      const database = request.result;
      // A page of a newer version wants to change it, and waits for this one.
      database.onversionchange = () => database.close();
      resolve(database);
    };
  });
}
