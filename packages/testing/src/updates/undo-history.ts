import { history, type HistoryHandle } from "@holdfast/client";
import { pageEnvironment } from "@holdfast/client/internal/environment";
import { CLIENT_LIMITS } from "@holdfast/protocol";
import { isDeepStrictEqual } from "node:util";
import { Random } from "../random.ts";
import { board, type Board, stateOf, type update } from "./update-board.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

/**
 * A random history of pages that edit items of their own in one list, undo and redo, over links that are
 * slow and drop, on a server that hibernates. Nobody touches what is another's, so each undo takes back
 * all that it is about, and everything of the others' stays.
 *
 * @returns what is not as it should be
 */
export async function undoHistory(seed: number): Promise<string[]> {
  const failures = new Set<string>();
  const random = new Random(seed);
  const world = new UpdateWorld(board, random.fork(), random.between(2, 3));
  const authors = world.pages.map((page, index) => new Author(page, index, random));
  const { pages } = world;
  for (const page of pages) page.connect();
  await world.rest();
  for (const author of authors) await author.load();
  const links = { drop: random.chance(0.5) ? 0.04 : 0, hibernate: random.chance(0.5) ? 0.02 : 0 };
  for (let step = 0; step < 120; step++) {
    const page = random.pick(pages);
    if (random.chance(0.3)) random.pick(authors).act();
    else if (random.chance(links.drop)) page.drop();
    else if (random.chance(links.hibernate)) world.hibernate();
    else if (random.chance(0.1)) page.connect();
    else if (random.chance(0.5)) page.deliverUp();
    else page.deliverDown();
    if (random.chance(0.7)) await microtasks();
    for (const author of authors) author.verify(stateOf(author.page), (what) => failures.add(what));
  }
  const rest = async (): Promise<void> => {
    await world.rest();
    await microtasks();
    for (const page of pages) {
      for (const author of authors) author.verify(stateOf(page), (what) => failures.add(what));
      if (!isDeepStrictEqual(stateOf(page), stateOf(pages[0] ?? page)))
        failures.add("two pages differ");
    }
  };
  await rest();
  // All of it back, while the others' stays, and there again.
  const [first] = authors;
  while (first?.canUndo) first.undo();
  await rest();
  while (first?.canRedo) first.redo();
  await rest();
  for (const report of world.reports) failures.add(`reported: ${String(report)}`);
  for (const { trouble } of authors) for (const what of trouble) failures.add(what);
  return [...failures].map((failure) => `undo, seed ${seed}: ${failure}`);
}

/** The items of one page, with what is written on each. */
type Own = ReadonlyMap<number, readonly string[]>;

/** One page that edits, undoes and redoes, and the items that it must have by now. */
class Author {
  readonly page: UpdatePage;
  readonly trouble: string[] = [];
  readonly #inside: ReturnType<typeof history.create>;
  readonly #history: HistoryHandle;
  readonly #random: Random;
  readonly #first: number;
  #serial = 0;
  #own: Own = new Map();
  readonly #done: Own[] = [];
  readonly #undone: Own[] = [];

  constructor(page: UpdatePage, index: number, random: Random) {
    this.page = page;
    this.#random = random;
    this.#first = (index + 1) * 1_000;
    const inside = history.create({
      environment: pageEnvironment,
      limits: CLIENT_LIMITS,
      send: () => undefined,
      getState: () => page.store.getSnapshot().state,
      update: (recipe) => page.store.update(recipe),
      hold: () => () => undefined,
    });
    this.#inside = inside;
    const open = (): typeof inside => inside;
    this.#history = history.handle(open, open, page.store);
    this.#history.subscribe(() => undefined);
  }

  /** What undoes is loaded when it is first needed: from now on it is there. */
  async load(): Promise<void> {
    await this.#history.redo();
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  act(): void {
    const random = this.#random;
    const ids = [...this.#own.keys()];
    const kind = random.weighted({ add: 4, mark: 5, remove: 2, undo: 4, redo: 3 });
    if (kind === "undo") return this.undo();
    if (kind === "redo") return this.redo();
    if (kind === "add" || ids.length === 0) return this.#add();
    const id = random.pick(ids);
    if (kind === "remove") return this.#remove(id);
    const mark = `${id}:${this.#serial++}`;
    this.#edit(
      (draft) => draft.items.find((item) => item.id === id)?.marks.push(mark),
      new Map([...this.#own, [id, [...(this.#own.get(id) ?? []), mark]]]),
    );
  }

  undo(): void {
    const before = this.#done.pop();
    if (!before) return;
    this.#undone.push(this.#own);
    this.#own = before;
    this.#take(this.#history.undo());
  }

  redo(): void {
    const next = this.#undone.pop();
    // Where there is nothing to redo, nothing may come back.
    if (!next) return this.#take(this.#history.redo());
    this.#done.push(this.#own);
    this.#own = next;
    this.#take(this.#history.redo());
  }

  verify(state: Board, fail: (what: string) => void): void {
    const found = state.items.filter(({ id }) => Math.floor(id / 1_000) * 1_000 === this.#first);
    const shown: Own = new Map(found.map(({ id, marks }) => [id, marks]));
    if (found.length !== shown.size) fail("an item is shown twice");
    // On other pages and on the way it is as it was: looked at by those who know.
    if (state !== stateOf(this.page) && this.page.pending > 0) return;
    const isSame = isDeepStrictEqual(sorted(shown), sorted(this.#own));
    if (!isSame) fail(`${asText(shown)} is there of what should be ${asText(this.#own)}`);
  }

  #add(): void {
    const id = this.#first + this.#serial++;
    const at = this.#random.between(0, stateOf(this.page).items.length);
    this.#edit(
      (draft) => void draft.items.splice(at, 0, { id, marks: [] }),
      new Map([...this.#own, [id, []]]),
    );
  }

  #remove(id: number): void {
    this.#edit(
      (draft) => {
        draft.items = draft.items.filter((item) => item.id !== id);
      },
      new Map([...this.#own].filter(([one]) => one !== id)),
    );
  }

  #edit(recipe: Parameters<typeof update>[1], own: Own): void {
    this.#done.push(this.#own);
    this.#undone.length = 0;
    this.#own = own;
    // True because the module's state is a board.
    this.#inside.update(recipe as (draft: never) => unknown).catch((error: unknown) => {
      this.trouble.push(`refused: ${String(error)}`);
    });
  }

  #take(taken: ReturnType<HistoryHandle["undo"]>): void {
    taken.then(
      (places) => {
        if (places.length > 0) this.trouble.push(`${JSON.stringify(places)} stays, and is its own`);
      },
      (error: unknown) => this.trouble.push(`refused: ${String(error)}`),
    );
  }
}

function sorted(own: Own): unknown {
  return [...own].toSorted(([one], [other]) => one - other);
}

function asText(own: Own): string {
  return JSON.stringify(sorted(own));
}
