import { kindOf, type Path } from "@holdfast/protocol";
import { element } from "./element.ts";
import { partAt, partsOf, preview } from "./inspect-value.ts";

/** So many parts of a container are shown; more at a click. */
const PAGE = 100;

interface Row {
  readonly id: string;
  readonly level: number;
  readonly name: string;
  readonly value: unknown;
  readonly isOpen: boolean | undefined;
  readonly isChanged: boolean;
  /** It stands for parts that are not shown yet. */
  readonly more?: { readonly of: string; readonly left: number };
}

/** A state as a tree that is opened where one looks, by mouse or keyboard. */
export class StateTree {
  readonly element: HTMLElement;
  readonly #open = new Set<string>([ROOT]);
  readonly #shownParts = new Map<string, number>();
  #value: unknown;
  #before: unknown;
  #rows: readonly Row[] = [];
  #current = ROOT;

  constructor(label: string) {
    this.element = element("div", {
      class: "tree",
      role: "tree",
      "aria-label": label,
      on: {
        keydown: (event) => this.#pressed(event),
        click: (event) => this.#clicked(event),
      },
    });
  }

  /** @param before what is another object there is marked as changed; the same value: nothing is */
  show(value: unknown, before: unknown = value): void {
    this.#value = value;
    this.#before = before;
    this.#render();
  }

  #render(): void {
    const rows: Row[] = [];
    this.#collect(rows, { path: [], name: "state", value: this.#value, before: this.#before });
    this.#rows = rows;
    if (!rows.some(({ id }) => id === this.#current)) this.#current = ROOT;
    const hadFocus = this.element.contains(this.#focused());
    this.element.replaceChildren(...rows.map((row) => this.#draw(row)));
    if (hadFocus) this.#focus(this.#current);
  }

  #collect(
    rows: Row[],
    at: {
      readonly path: Path;
      readonly name: string;
      readonly value: unknown;
      readonly before: unknown;
    },
  ): void {
    const { path, name, value, before } = at;
    const id = idOf(path);
    const level = path.length + 1;
    const parts = partsOf(value);
    const isOpen = parts && parts.length > 0 ? this.#open.has(id) : undefined;
    rows.push({ id, level, name, value, isOpen, isChanged: !Object.is(value, before) });
    if (!parts || !isOpen) return;
    const most = this.#shownParts.get(id) ?? PAGE;
    const isSet = kindOf(value) === "Set";
    for (const child of parts.slice(0, most)) {
      this.#collect(rows, {
        path: [...path, child.segment],
        name: child.name,
        value: child.value,
        before: isSet ? child.value : partAt(before, child.segment),
      });
    }
    if (parts.length <= most) return;
    rows.push({
      id: `${id}…`,
      level: level + 1,
      name: "",
      value: undefined,
      isOpen: undefined,
      isChanged: false,
      more: { of: id, left: parts.length - most },
    });
  }

  #draw({ id, level, name, value, isOpen, isChanged, more }: Row): HTMLElement {
    const row = element(
      "div",
      {
        class: `row${isChanged ? " changed" : ""}`,
        role: "treeitem",
        "aria-level": level,
        "aria-expanded": isOpen === undefined ? undefined : String(isOpen),
        tabindex: id === this.#current ? 0 : -1,
        "data-id": id,
      },
      element("span", { class: "twist", "aria-hidden": "true" }, twist(isOpen)),
      ...(more
        ? [element("span", { class: "more" }, `${more.left} more`)]
        : [
            element("span", { class: "name" }, name),
            element("span", { class: `value ${kindOf(value) ?? "odd"}` }, preview(value)),
          ]),
    );
    row.style.setProperty("--level", String(level - 1));
    return row;
  }

  #clicked(event: Event): void {
    const id = rowId(event.target);
    if (id === undefined) return;
    this.#current = id;
    this.#toggle(id);
    this.#focus(id);
  }

  #pressed(event: Event): void {
    // True because it is listened to as `keydown`.
    const { key } = event as KeyboardEvent;
    const at = this.#rows.findIndex(({ id }) => id === this.#current);
    const row = this.#rows[at];
    if (!row) return;
    const go = (to: Row | undefined): void => this.#focus(to?.id);
    if (key === "ArrowDown") go(this.#rows[at + 1]);
    else if (key === "ArrowUp") go(this.#rows[at - 1]);
    else if (key === "Home") go(this.#rows[0]);
    else if (key === "End") go(this.#rows.at(-1));
    else if (key === "Enter" || key === " ") this.#toggle(row.id);
    else if (key === "ArrowRight") {
      if (row.isOpen === false) this.#toggle(row.id);
      else if (row.isOpen) go(this.#rows[at + 1]);
    } else if (key === "ArrowLeft") {
      if (row.isOpen) this.#toggle(row.id);
      else go(this.#rows.slice(0, at).findLast(({ level }) => level < row.level));
    } else return;
    event.preventDefault();
  }

  #toggle(id: string): void {
    const row = this.#rows.find((one) => one.id === id);
    if (row?.more) {
      this.#shownParts.set(row.more.of, (this.#shownParts.get(row.more.of) ?? PAGE) + PAGE);
    } else if (row?.isOpen) this.#open.delete(id);
    else if (row?.isOpen === false) this.#open.add(id);
    this.#render();
  }

  #focus(id: string | undefined): void {
    const index = this.#rows.findIndex((row) => row.id === id);
    const target = this.element.children[index];
    if (id === undefined || !(target instanceof HTMLElement)) return;
    this.#current = id;
    for (const row of this.element.children) row.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    target.focus();
  }

  #focused(): Element | null {
    const root = this.element.getRootNode();
    return root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null;
  }
}

/** Segments keep their types: `1` is not `"1"`. */
function idOf(path: Path): string {
  return path.map((segment) => `/${typeof segment}:${JSON.stringify(String(segment))}`).join("");
}

const ROOT: string = idOf([]);

function twist(isOpen: boolean | undefined): string {
  if (isOpen === undefined) return "";
  return isOpen ? "▾" : "▸";
}

function rowId(target: EventTarget | null): string | undefined {
  const row = target instanceof Element ? target.closest("[data-id]") : null;
  return row?.getAttribute("data-id") ?? undefined;
}
