import type { Status } from "../status.ts";
import { Dock } from "./dock.ts";
import { element } from "./element.ts";
import { InstanceList } from "./instance-list.ts";
import { describe, latencyPlot } from "./latency-plot.ts";
import { PendingList } from "./pending-list.ts";
import { MOST_LATENCIES } from "./recorder.ts";
import { StateView } from "./state-view.ts";
import { Tabs } from "./tabs.ts";
import { Timeline } from "./timeline.ts";
import type { Subject, Watch } from "./watch.ts";

/** Furthest from live first: what the launcher's light shows. */
const BY_DISTANCE: readonly Status[] = [
  "denied",
  "closed",
  "offline",
  "reconnecting",
  "connecting",
  "live",
];

/** All that there is to see: a button in the corner, and the panel that it opens. */
export class Panel {
  readonly element: HTMLElement;
  readonly #watch: Watch;
  readonly #dock: Dock;
  readonly #launcher: HTMLElement;
  readonly #instances: InstanceList = new InstanceList(() => this.refresh());
  readonly #main: HTMLElement;
  readonly #empty: HTMLElement = element(
    "p",
    { class: "empty" },
    "This page has no instance open. One is here as long as a component or a subscriber needs it.",
  );
  readonly #facts: HTMLElement = element("div", { class: "facts" });
  readonly #confirmed: StateView = new StateView("Confirmed state");
  readonly #shown: StateView = new StateView("State as shown");
  readonly #timeline: Timeline;
  readonly #pending: PendingList = new PendingList();
  readonly #tabs: Tabs;
  readonly #offline: HTMLElement;
  #drawnFacts = "";
  #drawnLight = "";

  /** @param isOpen whether to begin with the panel open */
  constructor(watch: Watch, isOpen: boolean) {
    this.#watch = watch;
    this.#timeline = new Timeline((version) => {
      this.#confirmed.lookAt(version);
      this.#tabs.choose("confirmed");
    });
    this.#tabs = new Tabs(
      [
        { id: "confirmed", label: "Confirmed", page: this.#confirmed.element },
        { id: "shown", label: "Shown", page: this.#shown.element },
        { id: "timeline", label: "Timeline", page: this.#timeline.element },
        { id: "pending", label: "Pending", page: this.#pending.element },
      ],
      () => this.refresh(),
    );
    this.#main = element("div", { class: "main" }, this.#facts, ...this.#tabs.elements);
    this.#offline = this.#createSwitch();
    this.#launcher = element("button", {
      class: "launcher",
      type: "button",
      "aria-label": "Open the Holdfast devtools",
      on: { click: () => this.#dock.toggle(true) },
    });
    this.#launcher.hidden = isOpen;
    this.#dock = new Dock({
      bar: [
        element("span", { class: "brand" }, "Holdfast"),
        element("span", { class: "space" }),
        this.#offline,
      ],
      body: [this.#instances.element, this.#main, this.#empty],
      isOpen,
      onToggle: (isNowOpen) => {
        this.#launcher.hidden = isNowOpen;
        this.refresh();
        if (isNowOpen) this.#offline.focus();
        else this.#launcher.focus();
      },
    });
    this.element = element("div", { class: "devtools" }, this.#launcher, this.#dock.element);
    this.refresh();
  }

  /** Shows how things are now; draws only what is to be seen. */
  refresh(): void {
    const { subjects } = this.#watch;
    this.#drawLauncher(subjects);
    if (!this.#dock.isOpen) return;
    const subject = this.#instances.show(subjects);
    this.#main.hidden = subject === undefined;
    this.#empty.hidden = subject !== undefined;
    if (subject) this.#show(subject);
  }

  /** Leaves the page as it was. */
  end(): void {
    this.#dock.end();
    this.element.remove();
  }

  #show(subject: Subject): void {
    const { id, instance, recorder } = subject;
    const { pending } = instance.store;
    this.#drawFacts(subject);
    this.#tabs.count("pending", pending.length);
    switch (this.#tabs.chosen) {
      case "confirmed":
        this.#confirmed.show(id, recorder.versions);
        break;
      case "shown": {
        const { restored, state } = instance.getSnapshot();
        const { version = 0, state: before } = instance.store.confirmed ?? { state: undefined };
        // True because it is the state of a store, of which the instance knows no type.
        const shown = { version, state: state as typeof before, before };
        this.#shown.show(id, restored ? [shown] : []);
        break;
      }
      case "timeline":
        this.#timeline.show(recorder);
        break;
      default:
        this.#pending.show(pending);
    }
  }

  #drawFacts({ instance, recorder }: Subject): void {
    const { status, pending, error } = instance.getSnapshot();
    const { latencies } = recorder;
    const version = instance.store.confirmed?.version;
    const trouble = error && `${error.code}: ${error.message}`;
    const drawn = JSON.stringify([status, pending, version, trouble, latencies]);
    if (drawn === this.#drawnFacts) return;
    this.#drawnFacts = drawn;
    this.#facts.replaceChildren(
      element("span", {}, element("b", {}, status)),
      element("span", {}, "version ", element("b", {}, version ?? "none")),
      element("span", {}, "pending ", element("b", {}, pending)),
      latencyPlot(latencies, MOST_LATENCIES),
      element("span", {}, describe(latencies)),
      ...(trouble === undefined ? [] : [element("span", { class: "trouble" }, trouble)]),
    );
  }

  #drawLauncher(subjects: readonly Subject[]): void {
    const snapshots = subjects.map(({ instance }) => instance.getSnapshot());
    const status = BY_DISTANCE.find((one) => snapshots.some((shown) => shown.status === one));
    const pending = snapshots.reduce((sum, shown) => sum + shown.pending, 0);
    const drawn = `${status} ${pending}`;
    if (drawn === this.#drawnLight) return;
    this.#drawnLight = drawn;
    this.#launcher.replaceChildren(
      element("span", { class: `dot ${status ?? ""}` }),
      "Holdfast",
      ...(pending > 0 ? [element("span", { class: "badge" }, pending)] : []),
    );
  }

  #createSwitch(): HTMLElement {
    const { offline } = this.#watch;
    const toggle = element(
      "button",
      {
        class: "switch",
        type: "button",
        role: "switch",
        "aria-checked": "false",
        title: "Pulls the plug of all clients on this page",
        on: {
          click: () => {
            offline.set(!offline.isOn);
            toggle.setAttribute("aria-checked", String(offline.isOn));
            this.refresh();
          },
        },
      },
      element("span", { class: "track", "aria-hidden": "true" }),
      "Offline",
    );
    return toggle;
  }
}
