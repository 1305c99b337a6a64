import { formatPath, type Patch } from "@holdfast/protocol";
import { element } from "./element.ts";
import { preview } from "./inspect-value.ts";
import { readable } from "./latency-plot.ts";
import type { Entry, Recorder } from "./recorder.ts";

/** So many lines are drawn at once; the recorder keeps no more. */
const MOST_PATCHES = 50;

/** What has happened to one instance, the latest first; each line can be opened. */
export class Timeline {
  readonly element: HTMLElement = element("div", { class: "timeline", role: "list" });
  readonly #open = new Set<string>();
  readonly #onVersion: (version: number) => void;
  #drawn: { readonly recorder: Recorder; readonly text: string } | undefined;

  /** @param onVersion somebody wants to look at that version */
  constructor(onVersion: (version: number) => void) {
    this.#onVersion = onVersion;
  }

  show(recorder: Recorder): void {
    const { entries } = recorder;
    // Drawn again only where it differs: a pointer is not to lose what it points at.
    const text = entries.map((entry) => this.#fingerprint(entry)).join();
    if (this.#drawn?.recorder === recorder && this.#drawn.text === text) return;
    this.#drawn = { recorder, text };
    const focused = focusedId(this.element);
    if (entries.length === 0) {
      this.element.replaceChildren(
        element("p", { class: "empty" }, "Nothing has come or gone since the devtools look on."),
      );
      return;
    }
    this.element.replaceChildren(
      ...entries.toReversed().map((entry) => this.#draw(entry, recorder)),
    );
    if (focused !== undefined) {
      this.element.querySelector<HTMLElement>(`[data-id="${focused}"]`)?.focus();
    }
  }

  #fingerprint({ id, what }: Entry): string {
    const isAnswered = what.type === "action" && what.answer !== undefined;
    return `${id}${isAnswered ? "a" : ""}${this.#open.has(String(id)) ? "o" : ""}`;
  }

  #draw(entry: Entry, recorder: Recorder): HTMLElement {
    const { id, at, what } = entry;
    const isOpen = this.#open.has(String(id));
    const isRefused = what.type === "action" && what.answer?.error !== undefined;
    const head = element(
      "button",
      {
        class: "head",
        type: "button",
        "aria-expanded": String(isOpen),
        "data-id": id,
        on: {
          click: () => {
            if (!this.#open.delete(String(id))) this.#open.add(String(id));
            this.show(recorder);
          },
        },
      },
      element("span", { class: "kind" }, isRefused ? "refused" : what.type),
      element("span", { class: "what" }, titleOf(what)),
      element("span", { class: "amount" }, amountOf(what)),
      element("span", { class: "when" }, new Date(at).toLocaleTimeString()),
    );
    return element(
      "div",
      { class: `entry ${isRefused ? "refused" : what.type}`, role: "listitem" },
      head,
      isOpen && this.#detail(what, recorder),
    );
  }

  #detail(what: Entry["what"], recorder: Recorder): HTMLElement {
    if (what.type !== "commit") {
      return element(
        "div",
        { class: "detail" },
        element("pre", { class: "payload" }, explain(what)),
      );
    }
    const { version, patches } = what;
    const isKept = recorder.versions.some((one) => one.version === version);
    return element(
      "div",
      { class: "detail" },
      isKept &&
        element(
          "button",
          { class: "tool", type: "button", on: { click: () => this.#onVersion(version) } },
          `Look at version ${version}`,
        ),
      element(
        "ul",
        { class: "patches" },
        ...patches.slice(0, MOST_PATCHES).map(drawPatch),
        patches.length > MOST_PATCHES &&
          element("li", {}, `… and ${patches.length - MOST_PATCHES} more`),
      ),
    );
  }
}

function titleOf(what: Entry["what"]): string {
  switch (what.type) {
    case "commit":
      return `${what.version} · ${what.patches.map(({ path }) => formatPath(path)).join(", ") || "nothing to see"}`;
    case "snapshot":
      return `${what.version} · the whole state`;
    case "event":
      return what.name;
    case "error":
      return `${what.code}: ${what.message}`;
    case "action":
      return `${what.name}(${what.payload === undefined ? "" : preview(what.payload)})`;
  }
}

function amountOf(what: Entry["what"]): string {
  if (what.type === "commit" || what.type === "snapshot") return readableBytes(what.bytes);
  if (what.type !== "action") return "";
  return what.answer ? readable(what.answer.milliseconds) : "…";
}

function explain(what: Exclude<Entry["what"], { type: "commit" }>): string {
  switch (what.type) {
    case "snapshot":
      return "Everything was sent: nothing was here before, or too much had happened since.";
    case "event":
      return readableValue(what.data);
    case "error":
      return `${what.code}: ${what.message}`;
    case "action":
      return [what.answer?.error, what.payload !== undefined && readableValue(what.payload)]
        .filter(Boolean)
        .join("\n");
  }
}

function drawPatch(patch: Patch): HTMLElement {
  const { op, path, ...operands } = patch;
  return element(
    "li",
    {},
    element("span", { class: "operation" }, op),
    ` ${formatPath(path)} `,
    Object.entries(operands)
      .map(([name, value]) => `${name === "value" ? "" : `${name} `}${readableValue(value)}`)
      .join(", "),
  );
}

function readableBytes(bytes: number): string {
  return bytes < 1_000 ? `${bytes} B` : `${(bytes / 1_000).toFixed(1)} kB`;
}

const MOST_CHARACTERS = 2_000;

/** Like JSON, for people: what JSON has no word for is previewed. */
function readableValue(value: unknown): string {
  if (value === undefined) return "no data";
  const text = JSON.stringify(
    value,
    (_, part: unknown) => (isPlain(part) ? part : preview(part)),
    1,
  ).replaceAll(/\s*\n\s*/g, " ");
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null)
    return ["string", "boolean"].includes(typeof value) || value === null;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function focusedId(within: HTMLElement): string | undefined {
  const root = within.getRootNode();
  const focused = root instanceof ShadowRoot ? root.activeElement : null;
  return focused && within.contains(focused)
    ? (focused.getAttribute("data-id") ?? undefined)
    : undefined;
}
