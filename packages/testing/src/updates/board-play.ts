import { isDeepStrictEqual } from "node:util";
import type { Random } from "../random.ts";
import { board, REDUCERS, stateOf, update } from "./update-board.ts";
import type { Ledger } from "./update-ledger.ts";
import type { UpdatePlay } from "./update-play.ts";
import type { UpdatePage } from "./update-world.ts";

/** A count, a text and a list of items, with named actions between that are foretold right and wrong. */
export const boardPlay: UpdatePlay = {
  module: board,
  act: (page, ledger, random) => act(page, random.weighted(WEIGHTS), ledger, random),
  shown: (page) => stateOf(page).items,
  verdict(page, { counted, texts, stamps }) {
    const { count, text, stamps: stamped } = stateOf(page);
    const failures: string[] = [];
    if (count !== counted) failures.push(`the count is ${count}, not ${counted}`);
    if (!isDeepStrictEqual(text.match(/<\d+>/g)?.sort() ?? [], texts.toSorted())) {
      failures.push("a text is lost, or came twice");
    }
    for (const [id, now] of stamps) {
      if (stamped[id] !== now) failures.push(`shown at ${now}, it came to be at ${stamped[id]}`);
    }
    return failures;
  },
};

function act(page: UpdatePage, name: string, ledger: Ledger, random: Random): void {
  const state = stateOf(page);
  const { items } = state;
  const item = items.length > 0 ? random.pick(items) : undefined;
  switch (name) {
    case "count":
      ledger.settle(
        update(page, (draft) => draft.count++),
        () => ledger.counted++,
      );
      break;
    case "write": {
      const text = `<${ledger.ids++}>`;
      ledger.settle(
        update(page, (draft) => (draft.text += text)),
        () => ledger.texts.push(text),
      );
      break;
    }
    case "mark": {
      if (!item) break;
      const { id } = item;
      const mark = `${id}:${ledger.ids++}`;
      ledger.settle(
        update(page, (draft) => draft.items.find((one) => one.id === id)?.marks.push(mark)),
        () => ledger.marks.push({ id, mark }),
      );
      break;
    }
    case "add": {
      const id = ledger.ids++;
      const at = random.between(0, items.length);
      ledger.settle(
        update(page, (draft) => void draft.items.splice(at, 0, { id, marks: [] })),
        () => undefined,
      );
      break;
    }
    case "remove": {
      if (!item) break;
      const { id } = item;
      ledger.settle(
        update(page, (draft) => {
          draft.items = draft.items.filter((one) => one.id !== id);
        }),
        () => undefined,
      );
      break;
    }
    case "move":
      ledger.settle(
        update(page, (draft) => void draft.items.reverse()),
        () => undefined,
      );
      break;
    case "stamp": {
      const id = ledger.ids++;
      ledger.settle(page.store.dispatch("stamp", id, REDUCERS["stamp"]?.[0]), () => undefined);
      ledger.stamps.set(`${id}`, stateOf(page).stamps[`${id}`] ?? 0);
      break;
    }
    default: {
      const payload = ledger.ids++;
      const counts = name === "increment" || name === "slow";
      ledger.settle(
        page.store.dispatch(name, payload, random.pick(REDUCERS[name] ?? [undefined])),
        () => (ledger.counted += counts ? 1 : 0),
      );
    }
  }
}

const WEIGHTS = {
  count: 4,
  write: 2,
  mark: 8,
  add: 4,
  remove: 2,
  move: 1,
  increment: 2,
  shift: 2,
  insert: 2,
  slow: 1,
  stamp: 2,
};
