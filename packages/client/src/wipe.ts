import { under } from "./cache/place.ts";
import type { RowKey, WipeOptions } from "./wipe-outbox.ts";

/** Where it stands in a `RowKey`. */
const CLIENT = 4;

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
  const snapshots = await database.transact("readonly", "relaxed", (stores) =>
    stores.snapshots.getAllKeys(under([base])),
  );
  await database.transact("readwrite", "relaxed", (stores) => {
    for (const key of snapshots ?? []) {
      if (isForeign(key as unknown[])) stores.snapshots.delete(key);
    }
  });
  if (outboxes.size === 0) return;
  // Hardly any page finds one: what it takes comes when one does.
  const { wipeOutbox } = await import("./wipe-outbox.ts");
  for (const [client, key] of outboxes) await wipeOutbox(options, client, key);
}
