import { reportLost } from "./adopt-outbox.ts";
import { isActionRow } from "./cache/action-row.ts";
import type { CacheDatabase } from "./cache/cache-database.ts";
import { under } from "./cache/place.ts";
import { discarded } from "./discarded.ts";
import type { ModuleStoreOptions } from "./store/module-store.ts";

interface WipeOptions {
  readonly database: CacheDatabase;
  /** `undefined`: no page keeps actions. */
  readonly locks: Pick<LockManager, "request"> | undefined;
  /** The server's address. */
  readonly base: string;
  /** Whose belongings stay; `undefined`: nobody's. */
  readonly principal: string | undefined;
  /** This page has the outbox, and sees to it itself. */
  readonly isOwn: (client: string) => boolean;
  readonly onRejected: ModuleStoreOptions["onRejected"];
}

/**
 * Wipes what is kept of one server. Actions that no page will send any more are reported first; those
 * of a page that lives are still its own, unless everything is to go.
 */
export async function wipe(options: WipeOptions): Promise<void> {
  const { database, base, principal, isOwn } = options;
  const isForeign = ([, owner]: readonly unknown[]): boolean => owner !== principal;
  // True because of how rows are written.
  const keys = (await database.transact("readonly", "relaxed", ({ actions }) =>
    actions.getAllKeys(under([base])),
  )) as RowKey[];
  const outboxes = new Map<string, RowKey>();
  for (const key of keys) {
    if (isForeign(key) && !isOwn(key[CLIENT])) outboxes.set(key[CLIENT], key);
  }
  for (const [client, key] of outboxes) await wipeOutbox(options, client, key);
  const snapshots = await database.transact("readonly", "relaxed", (stores) =>
    stores.snapshots.getAllKeys(under([base])),
  );
  await database.transact("readwrite", "relaxed", (stores) => {
    for (const key of snapshots ?? []) {
      if (isForeign(key as unknown[])) stores.snapshots.delete(key);
    }
  });
}

type RowKey = [
  base: string,
  principal: string,
  module: string,
  key: string | 0,
  client: string,
  seq: number,
];
const CLIENT = 4;

async function wipeOutbox(
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
