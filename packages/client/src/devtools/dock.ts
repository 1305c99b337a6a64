import { element } from "./element.ts";

const SIDES = ["bottom", "right", "left"] as const;
type Side = (typeof SIDES)[number];

/** Where the panel stands, kept for the next page. */
interface Place {
  readonly side: Side;
  /** Its height, or its width at a side, in pixels. */
  readonly size: number;
}

const KEPT_AS = "holdfast-devtools";
const BEGIN: Place = { side: "bottom", size: 320 };
const LEAST = 160;
const STEP = 24;

interface DockOptions {
  /** What stands in the bar, before the dock's own buttons. */
  readonly bar: readonly Node[];
  readonly body: readonly Node[];
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}

/** The frame of the panel: at one side of the window, as large as one likes. */
export class Dock {
  readonly element: HTMLElement;
  readonly #grip: HTMLElement;
  readonly #onToggle: (isOpen: boolean) => void;
  readonly #padding: string = document.body.style.paddingBottom;
  #place: Place = readPlace();

  constructor({ bar, body, isOpen, onToggle }: DockOptions) {
    this.#onToggle = onToggle;
    this.#grip = element("div", {
      class: "grip",
      role: "separator",
      tabindex: 0,
      "aria-label": "Size of the devtools",
      on: {
        pointerdown: (event) => this.#drag(event),
        keydown: (event) => this.#pressed(event),
      },
    });
    this.element = element(
      "section",
      {
        class: "panel",
        "aria-label": "Holdfast devtools",
        on: {
          // True because it is listened to as `keydown`.
          keydown: (event) => (event as KeyboardEvent).key === "Escape" && this.toggle(false),
        },
      },
      this.#grip,
      element(
        "div",
        { class: "bar" },
        ...bar,
        this.#button("Dock", () => this.#turn(), "dock"),
        this.#button("Close", () => this.toggle(false)),
      ),
      element("div", { class: "body" }, ...body),
    );
    this.element.hidden = !isOpen;
    this.#draw();
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  toggle(isOpen: boolean): void {
    if (isOpen === this.isOpen) return;
    this.element.hidden = !isOpen;
    this.#makeRoom();
    this.#onToggle(isOpen);
  }

  /** Gives the page back what it took. */
  end(): void {
    this.element.hidden = true;
    this.#makeRoom();
  }

  /** The end of the page can be scrolled to above the panel. */
  #makeRoom(): void {
    const isBelow = this.isOpen && this.#place.side === "bottom";
    document.body.style.paddingBottom = isBelow ? `${this.#place.size}px` : this.#padding;
  }

  #button(label: string, onClick: () => void, name = ""): HTMLElement {
    return element(
      "button",
      { class: `tool ${name}`, type: "button", on: { click: onClick } },
      label,
    );
  }

  /** To the next side. */
  #turn(): void {
    const side = SIDES[(SIDES.indexOf(this.#place.side) + 1) % SIDES.length] ?? BEGIN.side;
    this.#move({ ...this.#place, side });
  }

  #drag(event: Event): void {
    // True because it is listened to as `pointerdown`.
    this.#grip.setPointerCapture((event as PointerEvent).pointerId);
    const move = (moved: PointerEvent): void =>
      this.#move({ ...this.#place, size: this.#sizeAt(moved) });
    this.#grip.addEventListener("pointermove", move);
    this.#grip.addEventListener(
      "lostpointercapture",
      () => this.#grip.removeEventListener("pointermove", move),
      { once: true },
    );
  }

  #sizeAt({ clientX, clientY }: PointerEvent): number {
    // On narrow screens it is always at the bottom.
    if (this.#grip.offsetWidth > this.#grip.offsetHeight) return innerHeight - clientY;
    return this.#place.side === "right" ? innerWidth - clientX : clientX;
  }

  #pressed(event: Event): void {
    // True because it is listened to as `keydown`.
    const { key } = event as KeyboardEvent;
    const larger = { bottom: "ArrowUp", right: "ArrowLeft", left: "ArrowRight" }[this.#place.side];
    const smaller = { bottom: "ArrowDown", right: "ArrowRight", left: "ArrowLeft" }[
      this.#place.side
    ];
    const step = key === larger ? STEP : key === smaller ? -STEP : 0;
    if (step === 0) return;
    event.preventDefault();
    this.#move({ ...this.#place, size: this.#place.size + step });
  }

  #move({ side, size }: Place): void {
    const most = side === "bottom" ? innerHeight : innerWidth;
    this.#place = { side, size: Math.round(Math.max(LEAST, Math.min(most, size))) };
    this.#draw();
    try {
      localStorage.setItem(KEPT_AS, JSON.stringify(this.#place));
    } catch {
      // Full, or forbidden: it stands here for this page.
    }
  }

  #draw(): void {
    const { side, size } = this.#place;
    this.element.className = `panel ${side}`;
    this.element.style.setProperty("--size", `${size}px`);
    this.#grip.setAttribute("aria-orientation", side === "bottom" ? "horizontal" : "vertical");
    this.#grip.setAttribute("aria-valuenow", String(size));
    this.#makeRoom();
  }
}

function readPlace(): Place {
  try {
    const { side, size }: Partial<Record<keyof Place, unknown>> = Object(
      JSON.parse(localStorage.getItem(KEPT_AS) ?? "null"),
    );
    const known = SIDES.find((one) => one === side);
    if (known && typeof size === "number" && size >= LEAST) return { side: known, size };
  } catch {
    // Nothing readable is kept, or nothing may be.
  }
  return BEGIN;
}
