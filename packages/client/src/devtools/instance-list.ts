import { element } from "./element.ts";
import type { Subject } from "./watch.ts";

/** The instances of the page, of which one is looked at. */
export class InstanceList {
  readonly element: HTMLElement = element("nav", {
    class: "instances",
    role: "listbox",
    "aria-label": "Instances",
    on: { keydown: (event) => this.#pressed(event) },
  });
  readonly #onChoose: () => void;
  #chosen: string | undefined;
  #drawn = "";

  constructor(onChoose: () => void) {
    this.#onChoose = onChoose;
  }

  /** @returns the one that is looked at; `undefined` if there is none */
  show(subjects: readonly Subject[]): Subject | undefined {
    const chosen = subjects.find(({ id }) => id === this.#chosen) ?? subjects[0];
    this.#chosen = chosen?.id;
    const facts = subjects.map((subject) => factsOf(subject));
    const text = JSON.stringify([this.#chosen, facts]);
    if (text !== this.#drawn) {
      this.#drawn = text;
      this.#draw(subjects);
    }
    return chosen;
  }

  #draw(subjects: readonly Subject[]): void {
    const focused = this.#focused();
    this.element.replaceChildren(...subjects.map((subject) => this.#button(subject)));
    if (focused !== undefined) this.#focus(focused);
  }

  #button(subject: Subject): HTMLElement {
    const { id, module, key, status, version, pending } = factsOf(subject);
    const isChosen = id === this.#chosen;
    return element(
      "button",
      {
        class: "instance",
        type: "button",
        role: "option",
        "aria-selected": String(isChosen),
        tabindex: isChosen ? 0 : -1,
        on: { click: () => this.#choose(id) },
      },
      element("span", { class: `dot ${status}`, title: status }),
      element(
        "span",
        { class: "label" },
        module,
        key !== undefined && element("span", { class: "key" }, ` ${key}`),
      ),
      pending > 0 && element("span", { class: "badge", title: "unacknowledged" }, pending),
      version !== undefined && element("span", { class: "version" }, `v${version}`),
    );
  }

  #choose(id: string): void {
    this.#chosen = id;
    this.#onChoose();
  }

  #pressed(event: Event): void {
    // True because it is listened to as `keydown`.
    const { key } = event as KeyboardEvent;
    const step =
      key === "ArrowDown" || key === "ArrowRight"
        ? 1
        : key === "ArrowUp" || key === "ArrowLeft"
          ? -1
          : 0;
    const at = this.#focused();
    const next = at === undefined || step === 0 ? undefined : this.element.children[at + step];
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    next.click();
    this.#focus((at ?? 0) + step);
  }

  /** Which of them has the focus. */
  #focused(): number | undefined {
    const root = this.element.getRootNode();
    const active = root instanceof ShadowRoot ? root.activeElement : null;
    const index = [...this.element.children].findIndex((child) => child === active);
    return index === -1 ? undefined : index;
  }

  #focus(index: number): void {
    const child = this.element.children[index];
    if (child instanceof HTMLElement) child.focus();
  }
}

/** What a line says, and nothing that would need it drawn again. */
function factsOf({ id, module, key, instance }: Subject): {
  id: string;
  module: string;
  key: string | undefined;
  status: string;
  version: number | undefined;
  pending: number;
} {
  const { status, pending } = instance.getSnapshot();
  return { id, module, key, status, version: instance.store.confirmed?.version, pending };
}
