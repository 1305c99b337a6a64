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
