import type { Known, KnownStep } from "./isolation-known-program.ts";
import type { Local } from "./isolation-known-step.ts";
import { assertSame } from "./isolation-world.ts";

type Effect = (state: Known) => void;

/**
 * What one handler has read and written since its last publication, told by its steps alone and not
 * by the tracker. At its commit, every place that it has written must be as it was when the handler
 * last read it, or wrote it without reading; its writes, with the values that it wrote, are then
 * made on plain data.
 */
export class DefaultOracle {
  /** The committed state, as plain data. */
  readonly #committed: Known;
  readonly #read = new Map<string, unknown>();
  readonly #expected = new Map<string, unknown>();
  readonly #effects: Effect[] = [];
  constructor(committed: Known) {
    this.#committed = committed;
  }

  /** Called after each step that went well. */
  note(step: KnownStep, seen: unknown, before: Local, local: Local): void {
    switch (step.do) {
      case "read":
        this.#reads(`cells.${step.cell}`, seen);
        break;
      case "write":
        if (before.cells.has(step.cell)) this.#setCell(step.cell, local.cells.get(step.cell));
        break;
      case "bump":
        this.#readsAfresh(`cells.${step.cell}`);
        this.#setCell(step.cell, local.cells.get(step.cell));
        break;
      case "blind":
      case "remove":
        this.#setCell(step.cell, local.cells.get(step.cell));
        break;
      case "spread":
        for (const cell of ["a", "b", "c"]) {
          this.#readsAfresh(`cells.${cell}`);
          this.#writes(`cells.${cell}`, () => undefined);
        }
        this.#setCell(step.cell, local.cells.get(step.cell));
        break;
      case "get":
        this.#reads(`map.${step.key}`, seen);
        break;
      case "set":
        if (before.entries.has(step.key)) this.#setEntry(step.key, local.entries.get(step.key));
        break;
      case "put":
      case "delete":
        this.#setEntry(step.key, local.entries.get(step.key));
        break;
      case "has":
        this.#reads(`set.${step.key}`, seen);
        break;
      case "add":
      case "drop":
        this.#writes(`set.${step.key}`, ({ set }) => {
          if (step.do === "add") set.add(step.key);
          else set.delete(step.key);
        });
        break;
      case "find":
        if (seen !== undefined) this.#reads(`item.${step.id}`, seen);
        break;
      case "raise":
      case "store":
        this.#noteItem(step, before, local);
        break;
      case "assign":
        if (seen === "assigned") this.#noteItem(step, before, local);
        break;
      case "remake":
        this.#noteRemake(step.id, seen);
        break;
      case "evict":
        this.#noteEviction(step.id, seen);
        break;
      case "clock":
        if (!this.#expected.has("due")) this.#reads("due", seen);
        break;
      case "wind":
        this.#noteWind(before, local);
        break;
      default:
        this.#noteList(step, seen);
    }
  }

  /** The handler is committed now. */
  commit(): void {
    for (const [place, value] of this.#expected) {
      assertSame(`an update was lost: ${place}, when it is committed,`, this.#now(place), value);
    }
    for (const effect of this.#effects) effect(this.#committed);
  }

  #noteItem({ do: does, id }: KnownStep & { id: number }, before: Local, local: Local): void {
    const n = local.items.get(id)?.n;
    if (!before.items.has(id) || n === undefined) return;
    if (does === "raise") this.#readsAfresh(`item.${id}`);
    this.#writes(`item.${id}`, ({ items }) => {
      const item = items.find((one) => one.id === id);
      if (item !== undefined) item.n = n;
    });
  }

  #noteRemake(id: number, seen: unknown): void {
    this.#readsAfresh("ids");
    this.#writes("ids", () => undefined);
    if (typeof seen !== "number") return;
    this.#readsAfresh(`item.${id}`);
    this.#writes(`item.${id}`, ({ items }) => {
      const item = items.find((one) => one.id === id);
      if (item !== undefined) item.n = seen;
    });
  }

  #noteEviction(id: number, seen: unknown): void {
    if (seen === -1) return;
    // Taken out with what the handler knows of it.
    if (this.#read.has(`item.${id}`)) this.#writes(`item.${id}`, () => undefined);
    this.#readsAfresh("ids");
    this.#writes("ids", ({ items }) => {
      items.splice(
        items.findIndex((one) => one.id === id),
        1,
      );
    });
  }

  #noteWind(before: Local, local: Local): void {
    const [from, to] = [before.due?.getTime(), local.due?.getTime()];
    if (from === undefined || to === undefined) return;
    if (!this.#expected.has("due")) this.#expected.set("due", from);
    this.#effects.push((state) => (state.due = new Date(to)));
  }

  #noteList(step: KnownStep, seen: unknown): void {
    switch (step.do) {
      case "look":
        this.#readsAfresh("list");
        this.#readsAfresh("length");
        break;
      case "measure":
        this.#readsAfresh("length");
        break;
      case "push":
        if (this.#read.has("list") || this.#expected.has("list")) {
          this.#changesList(({ list }) => list.push(step.token));
        } else {
          this.#expectLength();
          this.#effects.push(({ list }) => list.push(step.token));
        }
        break;
      case "unshift":
        this.#changesList(({ list }) => list.unshift(step.token));
        break;
      case "pop":
      case "shift":
        this.#readsAfresh("length");
        if (seen === undefined) break;
        this.#changesList(({ list }) => {
          assertSame(step.do, step.do === "pop" ? list.pop() : list.shift(), seen);
        });
        break;
      case "sort":
        this.#changesList(({ list }) => list.sort((one, other) => one - other));
        break;
      case "cut":
        if (seen === undefined) break;
        this.#readsAfresh("length");
        this.#changesList(({ list }) => list.splice(step.at, 1));
        break;
      case "filter":
        // True because that is what the step has assigned.
        if (seen !== undefined)
          this.#changesList((state) => (state.list = [...(seen as number[])]));
        break;
      case "replace":
        if (seen === "replaced") this.#noteReplacement(step);
        break;
      default:
        throw new Error(`a step that nobody knows: ${step.do}`);
    }
  }

  #noteReplacement({ at, token }: { at: number; token: number }): void {
    const place = this.#expected.has("list") ? "list" : `list.${at}`;
    this.#writes(place, ({ list }) => (list[at] = token));
  }

  #changesList(effect: Effect): void {
    this.#expectLength();
    this.#writes("list", effect);
  }

  #expectLength(): void {
    if (this.#read.has("length")) this.#writes("length", () => undefined);
  }

  #setCell(cell: string, value: number | undefined): void {
    this.#writes(`cells.${cell}`, ({ cells }) => {
      if (value === undefined) delete cells[cell];
      else cells[cell] = value;
    });
  }

  #setEntry(key: string, value: number | undefined): void {
    this.#writes(`map.${key}`, ({ map }) => {
      if (value === undefined) map.delete(key);
      else map.set(key, value);
    });
  }

  /** What a handler reads and has not written itself is what is committed. */
  #reads(place: string, seen: unknown): void {
    if (this.#expected.has(place)) return;
    // Once the list is its own, others' changes of it are not seen until the commit, which fails.
    const isOwnList = place.startsWith("item.") && this.#expected.has("ids");
    if (!isOwnList) assertSame(`what a handler reads of ${place}`, seen, this.#now(place));
    this.#read.set(place, seen);
  }

  #readsAfresh(place: string): void {
    if (!this.#expected.has(place)) this.#read.set(place, this.#now(place));
  }

  #writes(place: string, effect: Effect): void {
    if (!this.#expected.has(place)) {
      this.#expected.set(place, this.#read.has(place) ? this.#read.get(place) : this.#now(place));
    }
    this.#effects.push(effect);
  }

  /** The committed value of a place. */
  #now(place: string): unknown {
    const { cells, map, set, list, items, due } = this.#committed;
    const [kind = "", key = ""] = place.split(".");
    switch (kind) {
      case "cells":
        return cells[key];
      case "map":
        return map.get(key);
      case "set":
        return set.has(key);
      case "list":
        return key === "" ? [...list] : list[Number(key)];
      case "length":
        return list.length;
      case "ids":
        return items.map(({ id }) => id);
      case "item":
        return items.find(({ id }) => id === Number(key))?.n;
      case "due":
        return due.getTime();
      default:
        throw new Error(`a place that nobody knows: ${place}`);
    }
  }
}
