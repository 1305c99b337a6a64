import { element } from "./element.ts";
import type { Version } from "./recorder.ts";
import { StateTree } from "./state-tree.ts";

/** A state to look at, and earlier ones where there are some. */
export class StateView {
  readonly element: HTMLElement;
  readonly #tree: StateTree;
  readonly #empty: HTMLElement;
  readonly #time: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #label: HTMLElement = element("span", { class: "mono" });
  readonly #now: HTMLElement;
  /** The version to look at; `undefined`: the newest, whichever that is. */
  #fixed: number | undefined;
  #versions: readonly Version[] = [];
  #subject: string | undefined;
  #drawn: unknown[] = [];

  constructor(label: string) {
    this.#tree = new StateTree(label);
    this.#empty = element("p", { class: "empty" }, "There is no state yet.");
    this.#slider = element("input", {
      type: "range",
      min: 0,
      "aria-label": "Version to look at",
      on: { input: () => this.#slid() },
    });
    this.#now = element(
      "button",
      { class: "tool", type: "button", on: { click: () => this.lookAt(undefined) } },
      "Newest",
    );
    this.#time = element("div", { class: "time" }, this.#label, this.#slider, this.#now);
    this.element = element("div", {}, this.#time, this.#empty, this.#tree.element);
  }

  /** @param version `undefined`: the newest, whichever that is */
  lookAt(version: number | undefined): void {
    this.#fixed = version;
    this.#draw();
  }

  /**
   * @param subject whose state it is: another one begins at its newest
   * @param versions oldest first; the newest is the one to look at, unless another is chosen
   */
  show(subject: string, versions: readonly Version[]): void {
    if (subject !== this.#subject) this.#fixed = undefined;
    this.#subject = subject;
    this.#versions = versions;
    this.#draw();
  }

  #slid(): void {
    const index = Number(this.#slider.value);
    const isNewest = index >= this.#versions.length - 1;
    this.lookAt(isNewest ? undefined : this.#versions[index]?.version);
  }

  #draw(): void {
    const versions = this.#versions;
    // One that is no longer kept: the oldest that is.
    const chosen = versions.find(({ version }) => version >= (this.#fixed ?? Infinity));
    const one = chosen ?? versions.at(-1);
    this.#time.hidden = versions.length < 2;
    this.#empty.hidden = one !== undefined;
    this.#tree.element.hidden = one === undefined;
    if (!one) return;
    const index = versions.indexOf(one);
    this.#slider.max = String(versions.length - 1);
    this.#slider.value = String(index);
    this.#slider.setAttribute("aria-valuetext", `version ${one.version}`);
    this.#label.textContent = `version ${one.version}`;
    this.#now.hidden = chosen === undefined || index === versions.length - 1;
    const what = [one.state, one.before];
    if (what.every((part, at) => Object.is(part, this.#drawn[at])) && this.#drawn.length > 0)
      return;
    this.#drawn = what;
    this.#tree.show(one.state, one.before ?? one.state);
  }
}
