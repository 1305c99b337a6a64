import { isActionRow } from "./cache/action-row.ts";
import type { CacheDatabase } from "./cache/cache-database.ts";
import { under } from "./cache/place.ts";
import { discarded } from "./discarded.ts";
import { reportLost } from "./report-lost.ts";
import type { ModuleStoreOptions } from "./store/module-store.ts";

/** Whose belongings on which server go. */
export interface WipeOptions {
  readonly database: CacheDatabase;
  /** `undefined`: no page keeps actions. */
  readonly locks: LockManager | undefined;
  /** The server's address. */
  readonly base: string;
  /** Whose belongings stay; `undefined`: nobody's. */
  readonly principal: string | undefined;
  /** This page has the outbox, and sees to it itself. */
  readonly isOwn: (client: string) => boolean;
  readonly onRejected: ModuleStoreOptions["onRejected"];
}

/** As `DurableOutbox` writes it. */
export type RowKey = [
  base: string,
  principal: string,
  module: string,
  key: string | 0,
  client: string,
  seq: number,
];

/** Wipes the outbox of another page, or of nobody any more: then its actions are reported first. */
export async function wipeOutbox(
  { database, locks, principal, onRejected }: WipeOptions,
  client: string,
  [base, owner, module, key]: RowKey,
): Promise<void> {
  const range = under([base, owner, module, key, client]);
  await locks?.request(`holdfast:${client}`, { ifAvailable: true }, async (lock) => {
    if (lock) {
      const rows = await database.transact("readonly", "relaxed", ({ actions }) =>
        actions.getAll(range),
      );
      const place = { onRejected, module, key: key === 0 ? undefined : key };
      const error = discarded(
        principal ? "The user of this browser changed" : "The client was cleared",
      );
      for (const row of rows ?? []) if (isActionRow(row)) reportLost(place, row, error);
    } else if (principal !== undefined) return;
    await database.transact("readwrite", "strict", ({ actions }) => {
      actions.delete(range);
    });
  });
}
