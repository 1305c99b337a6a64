import { decodeValue } from "@holdfast/protocol";
import type { Pending } from "../store/pending.ts";
import { element } from "./element.ts";
import { preview } from "./inspect-value.ts";

/** What the page has said and the server has not answered, in order. */
export class PendingList {
  readonly element: HTMLElement = element("div");
  #drawn: readonly Pending[] | undefined;

  show(pending: readonly Pending[]): void {
    const isSame =
      this.#drawn?.length === pending.length &&
      pending.every((one, index) => one === this.#drawn?.[index]);
    if (isSame) return;
    this.#drawn = pending;
    this.element.replaceChildren(
      ...(pending.length === 0
        ? [element("p", { class: "empty" }, "Everything is acknowledged.")]
        : pending.map(draw)),
    );
  }
}

function draw({ type, text, at }: Pending): HTMLElement {
  const { name, payload } = text;
  const shown = type === "patch" ? payload : payload && preview(decodeValue(payload));
  return element(
    "div",
    { class: "waiting" },
    element("span", { class: "kind" }, type === "patch" ? "patches" : "action"),
    element("span", { class: "what mono" }, `${name}(${shown ?? ""})`),
    element("span", { class: "when" }, new Date(at).toLocaleTimeString()),
  );
}
