import { app, durableObjectStore, global, type ModuleDefinition } from "@holdfast/server";
import type { Ledger } from "./update-ledger.ts";
import type { UpdatePlay } from "./update-play.ts";
import type { UpdatePage } from "./update-world.ts";

/** A thing that others may move, exchange or take away at any time; what is done to it names it. */
interface Card {
  id: number;
  marks: string[];
  tags: Set<string>;
}

export interface Lockers {
  columns: { name: string; cards: Card[] }[];
  slots: Map<number, Card>;
  shelf: Record<string, Card>;
  picked: Card;
}

const card = (id: number): Card => ({ id, marks: [], tags: new Set() });

const definition = app
  .defineState<Lockers>({
    columns: [
      { name: "a", cards: [card(1), card(2), card(3)] },
      { name: "b", cards: [card(4)] },
      { name: "c", cards: [] },
    ],
    slots: new Map([10, 11, 12].map((id) => [id % 3, card(id)])),
    shelf: { x: card(20), y: card(21) },
    picked: card(30),
  })
  .persist(durableObjectStore(global()))
  .clientWrites(true)
  .onAction("shuffle", ({ state }, turn: number) => {
    const [first] = state.columns.splice(turn % state.columns.length, 1);
    if (first) state.columns.push(first);
  })
  .onAction("exchange", ({ state }, id: number) => {
    if (id % 3 === 0) state.picked = card(id);
    else if (id % 3 === 1) state.shelf["x"] = card(id);
    else state.slots.set(id % 4, card(id));
  })
  .build();

/** A module that lets clients write. */
export const lockers: ModuleDefinition = definition;

/** Cards in lists of lists, in a Map, in an object's keys and alone, moved between all of them. */
export const lockersPlay: UpdatePlay = {
  module: lockers,
  act(page, ledger, random) {
    const known = cardsOf(lockersOf(page));
    const { id } = random.pick(known);
    const fresh = ledger.ids++;
    switch (random.weighted(WEIGHTS)) {
      case "mark":
        mark(page, ledger, id, (one) => void one.marks.push(`${id}:${fresh}`), `${id}:${fresh}`);
        break;
      case "tag":
        mark(page, ledger, id, (one) => void one.tags.add(`${id}:${fresh}`), `${id}:${fresh}`);
        break;
      case "move": {
        const [to, at] = [random.between(0, 2), random.between(0, 4)];
        edit(page, ledger, (draft) => {
          const column = draft.columns[to];
          const taken = column && takeFromColumns(draft, id);
          if (taken) column.cards.splice(at, 0, taken);
        });
        break;
      }
      case "add":
        edit(page, ledger, (draft) => void draft.columns[fresh % 3]?.cards.push(card(fresh)));
        break;
      case "exchange in a list":
        edit(page, ledger, (draft) => {
          for (const { cards } of draft.columns) {
            const at = cards.findIndex((one) => one.id === id);
            if (at >= 0) cards[at] = card(fresh);
          }
        });
        break;
      case "exchange in the Map":
        edit(page, ledger, (draft) => void draft.slots.set(fresh % 4, card(fresh)));
        break;
      case "empty a slot":
        edit(page, ledger, (draft) => void draft.slots.delete(fresh % 4));
        break;
      case "exchange on the shelf":
        edit(page, ledger, (draft) => void (draft.shelf["xyz"[fresh % 3] ?? "x"] = card(fresh)));
        break;
      case "pick another":
        edit(page, ledger, (draft) => void (draft.picked = card(fresh)));
        break;
      case "reverse":
        edit(page, ledger, (draft) => void draft.columns.reverse());
        break;
      case "shuffle":
        ledger.settle(page.store.dispatch("shuffle", fresh, undefined), () => undefined);
        break;
      default:
        ledger.settle(page.store.dispatch("exchange", fresh, undefined), () => undefined);
    }
  },
  shown: (page) =>
    cardsOf(lockersOf(page)).map(({ id, marks, tags }) => ({ id, marks: [...marks, ...tags] })),
  verdict: () => [],
};

const WEIGHTS = {
  mark: 8,
  tag: 4,
  move: 6,
  add: 2,
  "exchange in a list": 2,
  "exchange in the Map": 2,
  "empty a slot": 1,
  "exchange on the shelf": 2,
  "pick another": 2,
  reverse: 1,
  shuffle: 1,
  exchange: 2,
};

export function lockersOf(page: UpdatePage): Lockers {
  // True because the module's state is that of lockers.
  return page.store.getSnapshot().state as unknown as Lockers;
}

function edit(page: UpdatePage, ledger: Ledger, recipe: (draft: Lockers) => void): void {
  // True because the module's state is that of lockers.
  ledger.settle(page.store.update(recipe as (draft: never) => unknown), () => undefined);
}

/** Does something to the card of that id, wherever it is when the recipe runs, and expects it to stay. */
function mark(
  page: UpdatePage,
  ledger: Ledger,
  id: number,
  change: (one: Card) => void,
  text: string,
): void {
  // True because the module's state is that of lockers.
  const recipe = (draft: Lockers): void => {
    const found = cardsOf(draft).find((one) => one.id === id);
    if (found) change(found);
  };
  ledger.settle(page.store.update(recipe as (draft: never) => unknown), () =>
    ledger.marks.push({ id, mark: text }),
  );
}

function cardsOf(state: Lockers): Card[] {
  return [
    ...state.columns.flatMap(({ cards }) => cards),
    ...state.slots.values(),
    ...Object.values(state.shelf),
    state.picked,
  ];
}

function takeFromColumns(state: Lockers, id: number): Card | undefined {
  for (const { cards } of state.columns) {
    const at = cards.findIndex((one) => one.id === id);
    if (at >= 0) return cards.splice(at, 1)[0];
  }
  return undefined;
}
