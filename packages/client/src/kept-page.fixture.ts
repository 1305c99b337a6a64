import { type Client, createClient, type ModuleHandle } from "./index.ts";
import { type App, createServer, put } from "./client.fixture.ts";
import type { ClientOptions } from "./client-options.ts";
import { TestPage } from "./page.fixture.ts";
import { persistence } from "./persistence.ts";
import type { TestServer } from "./server.fixture.ts";
import type { Rejection } from "./store/action-promise.ts";
import { optimism } from "./store/optimism.ts";

type Counter = App["modules"]["counter"];

/** A page with a network and a clock of the test's own, and the browser's real database and locks. */
export class KeptPage {
  readonly page = new TestPage();
  readonly rejections: Rejection[] = [];
  readonly client: Client<App>;
  readonly counter: ModuleHandle<Counter>;
  readonly add: (by?: number) => Promise<number>;

  /** @param origin pages of one origin share what is kept */
  constructor(origin: string, options: ClientOptions & { readonly version?: number } = {}) {
    const { version, ...clientOptions } = options;
    this.client = createClient<App>({
      principal: "alice",
      optimism,
      persistence,
      onRejected: (rejection) => this.rejections.push(rejection),
      ...clientOptions,
      environment: { ...this.page.environment, origin, ...options.environment },
    });
    this.counter = this.client.persistedModule("counter", undefined, { version });
    this.add = this.counter.optimistic(() => ({
      add: (draft, by = 1) => {
        draft.n += by;
      },
    })).add;
  }

  get n(): number | undefined {
    return this.counter.getSnapshot().state?.n;
  }

  /** As a component does that is shown. */
  show(): this {
    this.counter.subscribe(() => undefined);
    return this;
  }

  /** Waits for the socket and answers its `hello`. */
  async connect(server: TestServer): Promise<void> {
    await until(() => this.page.sockets.length > 0);
    server.accept(this.page.socket);
    await until(() => this.counter.getSnapshot().status === "live");
  }

  /** Answers what was sent since, and what follows from that, until nothing is pending. */
  async answerAll(server: TestServer): Promise<void> {
    await until(() => {
      server.handle(this.page.socket);
      return this.counter.getSnapshot().pending === 0;
    });
  }
}

let origins = 0;

/** Nothing is kept of it yet. */
export function freshOrigin(): string {
  return `https://n${++origins}-${Date.now()}.example`;
}

/** A page that was live, whose snapshot is kept, and that is gone. */
export async function visit(
  origin: string,
  server = createServer(),
  options: ClientOptions & { readonly version?: number } = {},
): Promise<void> {
  const page = new KeptPage(origin, options).show();
  await page.connect(server);
  page.page.socket.deliver(server.commit(put("n", 7)));
  await page.page.advance(1_000);
  await until(async () => (await keptOf(origin)).snapshots.length > 0);
  page.client.close();
}

/** Waits in real time, as databases and locks do. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`It never happens: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Everything that is kept of an origin. */
export async function keptOf(
  origin: string,
): Promise<{ readonly snapshots: unknown[]; readonly actions: { seq: number; client: string }[] }> {
  const range = IDBKeyRange.bound([`${origin}/holdfast`], [`${origin}/holdfast`, []]);
  return withStores("readonly", async (snapshots, actions) => ({
    snapshots: await result(snapshots.getAll(range)),
    actions: await result(actions.getAll(range)),
  }));
}

/** Keeps a row as some page of an origin may have done; what follows in its key is the caller's. */
export async function keep(
  store: "snapshots" | "actions",
  origin: string,
  { key, row }: { readonly key: readonly (string | number)[]; readonly row: unknown },
): Promise<void> {
  await withStores("readwrite", async (snapshots, actions) => {
    const rows = store === "snapshots" ? snapshots : actions;
    await result(rows.put(row, [`${origin}/holdfast`, ...key]));
  });
}

/** Changes every row of a store that is kept of an origin; `undefined` deletes it. */
export async function damage<Row>(
  store: "snapshots" | "actions",
  origin: string,
  change: (row: Row) => unknown,
): Promise<void> {
  const range = IDBKeyRange.bound([`${origin}/holdfast`], [`${origin}/holdfast`, []]);
  await withStores("readwrite", async (snapshots, actions) => {
    const rows = store === "snapshots" ? snapshots : actions;
    const keys = await result(rows.getAllKeys(range));
    for (const key of keys) {
      // True because the test knows what it has kept.
      const changed = change((await result(rows.get(key))) as Row);
      if (changed === undefined) await result(rows.delete(key));
      else await result(rows.put(changed, key));
    }
  });
}

async function withStores<Result>(
  mode: IDBTransactionMode,
  work: (snapshots: IDBObjectStore, actions: IDBObjectStore) => Promise<Result>,
): Promise<Result> {
  const opening = indexedDB.open("holdfast", 1);
  // No page has been here before.
  opening.onupgradeneeded = () => {
    for (const store of ["snapshots", "actions"]) opening.result.createObjectStore(store);
  };
  const database = await result(opening);
  const transaction = database.transaction(["snapshots", "actions"], mode);
  const outcome = await work(
    transaction.objectStore("snapshots"),
    transaction.objectStore("actions"),
  );
  database.close();
  return outcome;
}

function result<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("failed"));
  });
}
