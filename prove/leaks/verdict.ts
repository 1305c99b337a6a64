import type { Canaries, Canary } from "./canaries.ts";
import { type Home, homeOf, instanceOf, isSame, ownInstance } from "./home.ts";
import type { LeaksWorld } from "./world.ts";

/** A history that has come to its end. */
export interface Ended {
  readonly world: LeaksWorld;
  readonly canaries: Canaries;
  /** Of each canary that was written into the to-do list. */
  readonly homes: ReadonlyMap<Canary, Home>;
  /** Every time that somebody emptied the list of a home. */
  readonly clears: readonly { readonly home: Home; readonly deed: { readonly endedAt: number } }[];
  breach(what: string): void;
}

/** What has to be true once everything has found its end. */
export async function judge(history: Ended): Promise<void> {
  const { world, canaries, homes } = history;
  for (const browser of world.browsers) {
    for (const page of browser.pages) {
      for (const { what, outcome } of page.deeds) {
        if (outcome === undefined) history.breach(`${page.label} never hears of ${what}`);
      }
    }
  }
  const states = new Map<string, Map<Canary, number>>();
  for (const [name, { sql }] of world.objects.instances) {
    // Nothing moves: now nothing of a move may be left.
    for (const table of ["holdfast_moves", "holdfast_place"]) {
      if (sql.run("SELECT 1 FROM sqlite_master WHERE name = ?", table).length === 0) continue;
      for (const canary of canaries.in(JSON.stringify(sql.run(`SELECT * FROM ${table}`)))) {
        history.breach(`${canary.what} is left in ${table} of ${name}`);
      }
    }
    const counts = new Map<Canary, number>();
    for (const canary of canaries.in(await world.objects.wake(name).exportState())) {
      counts.set(canary, (counts.get(canary) ?? 0) + 1);
    }
    states.set(name, counts);
    for (const [canary, count] of counts) {
      if (count > 1) history.breach(`${canary.what} is ${count} times in ${name}`);
    }
  }
  for (const [, canary] of canaries.all()) {
    if (!canary.isDone || canary.isDispensable) continue;
    const home = homes.get(canary);
    const isCleared = history.clears.some(
      ({ home: cleared, deed }) =>
        deed.endedAt >= canary.madeAt &&
        (isSame(cleared, home) || canary.alsoAt.has(instanceOf(cleared))),
    );
    if (isCleared) continue;
    const at = canary.arrivedAt.size > 0 || !home ? [...canary.arrivedAt] : [instanceOf(home)];
    const isThere = (name: string): boolean => states.get(name)?.has(canary) === true;
    if (home ? !at.every(isThere) : ![...states.keys()].some(isThere)) {
      history.breach(`${canary.what} was done, and is lost`);
    }
  }
  judgeBrowsers(history);
}

/** Every browser is where its session is, and keeps nothing of anybody else. */
function judgeBrowsers(history: Ended): void {
  const { world, canaries, homes } = history;
  for (const browser of world.browsers) {
    const { session, user } = browser;
    const own = world.objects.instances.get(ownInstance(session));
    const isPlaced = own?.sql.run(PLACE_TABLE).length === 1;
    const [row] = isPlaced ? own.sql.run("SELECT body FROM holdfast_place") : [];
    // As `writePlace` writes it.
    const { key } = JSON.parse(String(row?.["body"] ?? '{"key":null}')) as { key: string | null };
    const place = key === null ? ownInstance(session) : instanceOf({ type: "user", id: key });
    for (const page of browser.pages) {
      const { restored, state, status, error } = page.todos.getSnapshot();
      if (!restored || status !== "live") {
        history.breach(`${page.label} is ${status} (${error?.code}: ${error?.message})`);
      } else if (instanceOf(homeOf(session, state)) !== place) {
        history.breach(`${page.label} does not show where its session is (${key})`);
      }
    }
    for (const { store, text } of browser.storage.rows()) {
      for (const canary of canaries.in(text)) {
        const isHere = homes.has(canary)
          ? canary.mayBeSent({ instance: place, session })
          : [...world.objects.instances.keys()].some((instance) =>
              canary.mayBeSent({ instance, session }),
            );
        const isTheirs = canary.mayBeKept?.(user) ?? true;
        if (!isHere || !isTheirs)
          history.breach(`${canary.what} is kept (${store}) by ${session.slice(0, 4)}`);
      }
    }
  }
}

const PLACE_TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'holdfast_place'";
