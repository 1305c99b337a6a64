import { element } from "./element.ts";

/** One page of the panel. */
export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly page: HTMLElement;
}

/** Pages of which one is to be seen; chosen by mouse, or with the arrow keys. */
export class Tabs {
  /** The row of tabs, and the pages. */
  readonly elements: readonly HTMLElement[];
  readonly #tabs: readonly Tab[];
  readonly #buttons: ReadonlyMap<string, HTMLElement>;
  readonly #pages: ReadonlyMap<string, HTMLElement>;
  readonly #onChoose: () => void;
  #chosen: string;

  constructor(tabs: readonly [Tab, ...Tab[]], onChoose: () => void) {
    this.#tabs = tabs;
    this.#onChoose = onChoose;
    this.#chosen = tabs[0].id;
    this.#buttons = new Map(
      tabs.map(({ id, label }) => [
        id,
        element(
          "button",
          {
            class: "tab",
            type: "button",
            role: "tab",
            id: `tab-${id}`,
            "aria-controls": `page-${id}`,
            on: { click: () => this.choose(id) },
          },
          label,
        ),
      ]),
    );
    this.#pages = new Map(
      tabs.map(({ id, page }) => [
        id,
        element(
          "div",
          { class: "page", role: "tabpanel", id: `page-${id}`, "aria-labelledby": `tab-${id}` },
          page,
        ),
      ]),
    );
    const row = element(
      "div",
      { class: "tabs", role: "tablist", on: { keydown: (event) => this.#pressed(event) } },
      ...this.#buttons.values(),
    );
    this.elements = [row, ...this.#pages.values()];
    this.#draw();
  }

  get chosen(): string {
    return this.#chosen;
  }

  choose(id: string): void {
    this.#chosen = id;
    this.#draw();
    this.#onChoose();
  }

  /** Says beside a label how much there is. */
  count(id: string, number: number): void {
    const { label = "" } = this.#tabs.find((tab) => tab.id === id) ?? {};
    const text = number === 0 ? label : `${label} ${number}`;
    const button = this.#buttons.get(id);
    if (button && button.textContent !== text) button.textContent = text;
  }

  #draw(): void {
    for (const [id, button] of this.#buttons) {
      button.setAttribute("aria-selected", String(id === this.#chosen));
      button.setAttribute("tabindex", id === this.#chosen ? "0" : "-1");
    }
    for (const [id, page] of this.#pages) page.hidden = id !== this.#chosen;
  }

  #pressed(event: Event): void {
    // True because it is listened to as `keydown`.
    const { key } = event as KeyboardEvent;
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const at = this.#tabs.findIndex(({ id }) => id === this.#chosen);
    const next = this.#tabs.at((at + step) % this.#tabs.length);
    if (!next) return;
    event.preventDefault();
    this.choose(next.id);
    this.#buttons.get(next.id)?.focus();
  }
}
