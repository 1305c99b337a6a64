import { adoptOutbox, reportLost } from "./adopt-outbox.ts";
import { type ActionRow, generationOf, isActionRow, sortLegacy } from "./cache/action-row.ts";
import type { CacheDatabase } from "./cache/cache-database.ts";
import { DurableOutbox } from "./cache/durable-outbox.ts";
import { placeKey, under } from "./cache/place.ts";
import { generationOfSnapshot, readSnapshotRow, toSnapshotRow } from "./cache/snapshot-row.ts";
import { type Neighbourhood, Tenancy } from "./cache/tenancy.ts";
import type { KeptInstance } from "./keeper.ts";
import type { Confirmed } from "./store/read-frame.ts";
import { Timeout } from "./timeout.ts";

/** The least time between two writes of the snapshot. */
const SAVE_EVERY_MS = 1_000;
/** A large state is written so much less often that it takes a hundredth of the page's time. */
const SAVE_SHARE = 100;

/** One instance as it is kept for one principal: its snapshot, and the outboxes of its pages. */
export class KeptPlace {
  /** Resolves when what was kept is shown. */
  readonly restored: Promise<void>;
  readonly #instance: KeptInstance;
  readonly #database: CacheDatabase;
  readonly #key: readonly (string | number)[];
  readonly #tenancy: Tenancy | undefined;
  readonly #outboxes = new Set<DurableOutbox>();
  readonly #stopListening: (() => void)[];
  #saved: Confirmed | undefined;
  readonly #saving: Timeout;
  #pause = SAVE_EVERY_MS;
  #isClosed = false;

  constructor(
    instance: KeptInstance,
    principal: string,
    database: CacheDatabase,
    neighbourhood: Neighbourhood | undefined,
  ) {
    const { address: base, module, key, store, environment } = instance;
    this.#instance = instance;
    this.#saving = new Timeout(environment);
    this.#database = database;
    this.#key = placeKey({ base, principal, module, key });
    if (neighbourhood) {
      this.#tenancy = new Tenancy({
        ...neighbourhood,
        place: this.#key,
        client: store.client,
        onVacant: (client, release) => void this.#adopt(client, release),
      });
      store.keepIn(this.#createOutbox(store.client, this.#tenancy.isHeld));
    }
    this.restored = this.#restore();
    this.#stopListening = [
      store.subscribe(() => this.#saveSoon()),
      // It may be the last that the page gets to do.
      environment.onPageSignal((signal) => signal === "hidden" && this.#save()),
    ];
  }

  /** Leaves everything as it is, for the next page. */
  close(): void {
    if (this.#isClosed) return;
    this.#save();
    this.#leave();
    for (const outbox of this.#outboxes) outbox.close();
    this.#tenancy?.close();
  }

  /** Leaves nothing of the snapshot, nor of the outboxes that this page has. */
  async erase(): Promise<void> {
    this.#leave();
    const outboxes = [...this.#outboxes].map((outbox) => outbox.erase());
    const snapshot = this.#database.transact("readwrite", "relaxed", ({ snapshots }) => {
      snapshots.delete([...this.#key]);
    });
    await Promise.all([...outboxes, snapshot]);
    this.#tenancy?.close();
  }

  #leave(): void {
    this.#isClosed = true;
    for (const stop of this.#stopListening) stop();
    this.#saving.clear();
  }

  async #restore(): Promise<void> {
    const { store, options } = this.#instance;
    const [row, clients] = await Promise.all([
      this.#database.transact("readonly", "relaxed", ({ snapshots }) =>
        snapshots.get([...this.#key]),
      ),
      this.#database.transact("readonly", "relaxed", ({ actions }) =>
        actions.getAllKeys(under(this.#key)),
      ),
    ]);
    if (this.#isClosed) return;
    const snapshot = readSnapshotRow(row);
    if (snapshot && isOfVersion(snapshot.schema, options.version)) {
      const { type: _, ...confirmed } = snapshot;
      this.#saved = confirmed;
      store.restore(confirmed, generationOfSnapshot(row));
    }
    // True because of how rows are written: the client id follows the place.
    for (const key of clients as string[][]) this.#tenancy?.watch(key[this.#key.length] ?? "");
  }

  /** The page of that client is gone: what it has left is sent from here. */
  async #adopt(client: string, release: () => void): Promise<void> {
    const { environment, store } = this.#instance;
    try {
      const rows = await this.#database.transact("readonly", "relaxed", ({ actions }) =>
        actions.getAll(under([...this.#key, client])),
      );
      if (this.#isClosed || !rows || rows.length === 0) return release();
      const generation = generationOf(rows);
      // The session has moved since, or before: they are for somebody else than is shown here.
      const isForeign = (generation ?? store.generation) !== (store.generation ?? generation);
      const { open, lost } = isForeign
        ? { open: [], lost: rows.filter(isActionRow) }
        : sortLegacy(rows, environment.now(), this.#instance.limits);
      const outbox = this.#createOutbox(client, Promise.resolve(), open);
      const [first, ...others] = open;
      for (const row of lost) reportLost(this.#instance, row);
      // Before any is sent: the server is told that what came before the first is settled.
      if (rows.length > open.length) await outbox.prune();
      if (!first || this.#isClosed) return release();
      adoptOutbox(
        this.#instance,
        [first, ...others],
        outbox,
        () => {
          this.#outboxes.delete(outbox);
          release();
        },
        generation,
      );
    } catch (error) {
      environment.report("Holdfast: the actions of a page that is gone could not be read.", error);
      release();
    }
  }

  #createOutbox(
    client: string,
    isHeld: Promise<unknown>,
    rows: readonly ActionRow[] = [],
  ): DurableOutbox {
    const outbox = new DurableOutbox(
      {
        environment: this.#instance.environment,
        database: this.#database,
        key: [...this.#key, client],
        client,
        generation: () => this.#instance.store.generation,
        isHeld,
      },
      rows,
    );
    this.#outboxes.add(outbox);
    return outbox;
  }

  #saveSoon(): void {
    if (!this.#saving.isSet) this.#saving.set(this.#pause, () => this.#save());
  }

  #save(): void {
    const { store, environment } = this.#instance;
    this.#saving.clear();
    const { confirmed } = store;
    if (!confirmed || isSameVersion(confirmed, this.#saved)) return;
    this.#saved = confirmed;
    const begin = environment.now();
    const row = toSnapshotRow({ type: "snapshot", ...confirmed }, store.generation);
    this.#pause = Math.max(SAVE_EVERY_MS, SAVE_SHARE * (environment.now() - begin));
    this.#database
      .transact("readwrite", "relaxed", ({ snapshots, actions }) => {
        snapshots.put(row, [...this.#key]);
        for (const outbox of this.#outboxes) outbox.markAnswered(actions);
      })
      .catch(() => {
        // Full, or gone: there is only an older one to be shown, or none.
      });
  }
}

function isSameVersion(one: Confirmed, other: Confirmed | undefined): boolean {
  return other?.epoch === one.epoch && other.version === one.version && other.mark === one.mark;
}

/** A server names the schema of a state by its version and more: `2.x7a`. */
function isOfVersion(schema: string, version: number | undefined): boolean {
  return version === undefined || schema.startsWith(`${version}.`);
}
