import { EXPLAIN } from "@holdfast/protocol";
import { CacheDatabase } from "./cache/cache-database.ts";
import type { Neighbourhood } from "./cache/tenancy.ts";
import type { Environment } from "./environment.ts";
import type { Cabinet, Keeper, KeptInstance, Persistence } from "./keeper.ts";
import { KeptPlace } from "./kept-place.ts";
import type { ModuleStoreOptions } from "./store/module-store.ts";
import { wipe } from "./wipe.ts";

/** A browser that takes longer to open its database shows nothing that was kept. */
const PATIENCE_MS = 2_000;

/**
 * Keeps snapshots and unacknowledged actions in the browser's IndexedDB, for `usePersistedModule`
 * and `client.persistedModule`. Pass it to `createClient` or `createCoreHooks`; `createHooks` has it.
 */
export const persistence: Persistence = (environment) => new BrowserCabinet(environment);

/** What a cabinet and its keepers share. */
interface Premises {
  readonly database: CacheDatabase;
  /** `undefined`: pages cannot know of each other, so none may touch another's outbox. */
  readonly neighbourhood: Neighbourhood | undefined;
  /** A keeper begins to keep for this principal. */
  readonly onOpen: (instance: KeptInstance, principal: string) => void;
}

class BrowserCabinet implements Cabinet {
  readonly #environment: Environment;
  readonly #database = new CacheDatabase(globalThis.indexedDB);
  readonly #neighbourhood: Neighbourhood | undefined;
  readonly #clients = new Set<() => string>();
  /** The principal at each server, once what others have left there is wiped. */
  readonly #principals = new Map<string, string>();
  #guard: ((event: Event) => void) | undefined;
  #hasWarned = false;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#neighbourhood = findNeighbourhood(environment);
  }

  keep(instance: KeptInstance): Keeper {
    this.#warn();
    this.#clients.add(() => instance.store.client);
    return new PlaceKeeper(instance, {
      database: this.#database,
      neighbourhood: this.#neighbourhood,
      onOpen: ({ address, onRejected }, principal) => {
        if (this.#principals.get(address) === principal) return;
        this.#principals.set(address, principal);
        // Where it fails, nobody is shown it all the same, and the next page wipes it.
        this.#wipe(address, onRejected, principal).catch(() => undefined);
      },
    });
  }

  guard(isNeeded: boolean): void {
    if (isNeeded === (this.#guard !== undefined)) return;
    if (this.#guard) globalThis.removeEventListener("beforeunload", this.#guard);
    this.#guard = isNeeded ? (event) => event.preventDefault() : undefined;
    if (this.#guard) globalThis.addEventListener("beforeunload", this.#guard);
  }

  clear(address: string, onRejected: ModuleStoreOptions["onRejected"]): Promise<void> {
    return this.#wipe(address, onRejected, undefined);
  }

  #wipe(
    address: string,
    onRejected: ModuleStoreOptions["onRejected"],
    principal: string | undefined,
  ): Promise<void> {
    return wipe({
      database: this.#database,
      locks: this.#neighbourhood?.locks,
      base: address,
      principal,
      isOwn: (client) => [...this.#clients].some((own) => own() === client),
      onRejected,
    });
  }

  #warn(): void {
    if (this.#neighbourhood || this.#hasWarned) return;
    this.#hasWarned = true;
    this.#environment.report(
      `Holdfast: this browser has no Web Locks, so it keeps no actions.${EXPLAIN ? " They are there on https and on localhost." : ""}`,
    );
  }
}

/** One instance, for whoever is the principal. */
class PlaceKeeper implements Keeper {
  ready: Promise<unknown> = Promise.resolve();
  readonly #instance: KeptInstance;
  readonly #premises: Premises;
  #open:
    | { readonly principal: string; readonly client: string; readonly place: KeptPlace }
    | undefined;
  #isClosed = false;

  constructor(instance: KeptInstance, premises: Premises) {
    this.#instance = instance;
    this.#premises = premises;
  }

  open(principal: string): void {
    const { client } = this.#instance.store;
    const before = this.#open;
    if (this.#isClosed) return;
    if (before?.principal === principal && before.client === client) return;
    const { database, neighbourhood, onOpen } = this.#premises;
    const report = (error: unknown): void =>
      this.#instance.environment.report("Holdfast cannot read what this browser has kept.", error);
    void before?.place.erase().catch(report);
    onOpen(this.#instance, principal);
    const place = new KeptPlace(this.#instance, principal, database, neighbourhood);
    this.#open = { principal, client, place };
    this.ready = this.#inTime(place.restored.catch(report));
  }

  close(): void {
    this.#isClosed = true;
    this.#open?.place.close();
  }

  #inTime(work: Promise<void>): Promise<void> {
    const { setTimeout, clearTimeout } = this.#instance.environment;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      void work.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function findNeighbourhood({ locks }: Environment): Neighbourhood | undefined {
  return locks && { locks, BroadcastChannel };
}
