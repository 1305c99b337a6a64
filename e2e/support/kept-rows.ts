import type { Page } from "playwright-core";

/** All that a page's browser keeps of one kind, as text. */
export function keptRows(page: Page, store: "snapshots" | "actions"): Promise<string> {
  return page.evaluate(async (store) => {
    const ended = <Result>(request: IDBRequest<Result>): Promise<Result> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("failed"));
      });
    const database = await ended(indexedDB.open("holdfast"));
    const rows = await ended(database.transaction(store).objectStore(store).getAll());
    database.close();
    // What is kept is JSON in a text.
    return JSON.stringify(rows).replaceAll("\\", "");
  }, store);
}

/** All that the browser keeps for a page, of whatever kind, as one text. */
export function keptTexts(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const rows: unknown[] = [];
    for (const { name = "" } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        rows.push(await settled(database.transaction(store).objectStore(store).getAll()));
      }
      database.close();
    }
    return JSON.stringify(rows);

    function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
      return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("IndexedDB failed."));
      });
    }
  });
}
