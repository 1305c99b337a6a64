import {
  encodeValue,
  EXPLAIN,
  exceedsBytes,
  HoldfastError,
  type Present,
  type PresentMessage,
  type ServerMessage,
} from "@holdfast/protocol";
import { Listeners } from "./listeners.ts";
import type { InstancePart, Part, PartSite } from "./part.ts";
import { Timeout } from "./timeout.ts";

/** What there is to see of presence, immutable; a new object whenever any of it changed. */
export interface PresenceSnapshot<Shown> {
  /** What this page shows of its user; `undefined`: nothing. */
  readonly mine: Shown | undefined;
  /** What the others show, in the order in which they came. A page is another as soon as it has reconnected. */
  readonly others: readonly PresentOther<Shown>[];
}

/** What another connection shows of its user, by that client's word. */
export interface PresentOther<Shown> {
  /** The connection's, while it lasts. */
  readonly id: string;
  readonly value: Shown;
}

/** The presence of this page at one instance. */
export interface PresenceHandle<Shown> {
  /** The same object until something changes. */
  readonly getSnapshot: () => PresenceSnapshot<Shown>;
  /**
   * Takes part: who does is told what the others show. With the last subscriber goes what this page
   * shows, a moment later.
   *
   * @returns a function that ends the subscription
   */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Shows a value to the others, in place of the one before; `undefined`: none. Sent at most once in
   * `limits.presenceEveryMs`, the newest, and again on every new connection. Nobody is told of it
   * unless somebody here is subscribed.
   *
   * @throws HoldfastError `VALUE_TOO_LARGE` above `limits.presenceBytes`, `VALUE_UNSUPPORTED` or
   * `VALUE_TOO_DEEP`
   */
  readonly set: (value: Shown | undefined) => void;
}

/** The machinery of presence. */
export type Presence = Part<InstancePart & PresenceHandle<unknown>, PresenceHandle<unknown>>;

/** Shows to each other what pages say of their users: pass it to `createClient`. */
export const presence: Presence = {
  create: (site) => new PresenceOfInstance(site),
  handle: (look, open) => ({
    getSnapshot: () => look()?.getSnapshot() ?? NOTHING,
    subscribe: (listener) => open().subscribe(listener),
    set: (value) => open().set(value),
  }),
};

/** Components come and go while a page changes: what is shown stays for so long. */
const LEAVE_DELAY_MS = 1_000;
/** Others are still shown for so long without a link. */
const GRACE_MS = 5_000;
const NOTHING: PresenceSnapshot<unknown> = { mine: undefined, others: [] };

class PresenceOfInstance implements InstancePart, PresenceHandle<unknown> {
  readonly #site: PartSite;
  readonly #listeners: Listeners;
  readonly #others = new Map<string, unknown>();
  #snapshot = NOTHING;
  /** `mine` as text. */
  #text: string | undefined;
  #own: string | undefined;
  #release: (() => void) | undefined;
  /** The link at hand was greeted. */
  #isUp = false;
  /** What is sent by now is not what is shown here. */
  #isDue = false;
  readonly #pause: Timeout;
  readonly #leaving: Timeout;
  readonly #grace: Timeout;

  constructor(site: PartSite) {
    this.#site = site;
    this.#listeners = new Listeners(site.environment);
    this.#pause = new Timeout(site.environment);
    this.#leaving = new Timeout(site.environment);
    this.#grace = new Timeout(site.environment);
  }

  readonly getSnapshot = (): PresenceSnapshot<unknown> => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    const unsubscribe = this.#listeners.add(listener);
    this.#leaving.clear();
    if (!this.#release) {
      this.#release = this.#site.hold();
      this.#sendSoon();
    }
    return () => {
      unsubscribe();
      if (this.#listeners.size === 0) this.#leaving.set(LEAVE_DELAY_MS, () => this.#leave());
    };
  };

  readonly set = (value: unknown): void => {
    const { presenceBytes, depth } = this.#site.limits;
    const text =
      value === undefined ? undefined : encodeValue(value, [], { root: "presence", depth });
    if (text !== undefined && exceedsBytes(text, presenceBytes)) {
      throw new HoldfastError(
        "VALUE_TOO_LARGE",
        EXPLAIN &&
          `Presence takes more than ${presenceBytes} bytes. Show a reference, and keep the rest in the state.`,
      );
    }
    if (text === this.#text) return;
    this.#text = text;
    this.#show(value);
    this.#sendSoon();
  };

  readonly receive = (messages: readonly ServerMessage[]): void => {
    let hasNews = false;
    for (const message of messages) {
      if (message.type === "present") {
        this.#take(message);
        hasNews = true;
      } else if (message.type === "snapshot" || message.type === "resume") {
        if (this.#isUp) continue;
        this.#isUp = true;
        this.#sendSoon();
      }
    }
    if (hasNews) this.#show(this.#snapshot.mine);
  };

  readonly down = (): void => {
    this.#isUp = false;
    if (this.#others.size > 0) this.#grace.set(GRACE_MS, this.forget);
  };

  readonly forget = (): void => {
    this.#grace.clear();
    this.#others.clear();
    this.#show(this.#snapshot.mine);
  };

  #take({ you, others }: PresentMessage): void {
    if (you !== undefined) {
      this.#grace.clear();
      this.#own = you;
      this.#others.clear();
    }
    for (const one of others) {
      if (one.id === this.#own) continue;
      if (isShown(one)) this.#others.set(one.id, one.value);
      else this.#others.delete(one.id);
    }
  }

  #show(mine: unknown): void {
    const before = this.#snapshot;
    const others = [...this.#others].map(([id, value]) => ({ id, value }));
    if (mine === before.mine && others.length + before.others.length === 0) return;
    this.#snapshot = { mine, others };
    this.#listeners.notify();
  }

  #sendSoon(): void {
    const { limits, send } = this.#site;
    if (!this.#isUp || !this.#release) return;
    if (this.#pause.isSet) {
      this.#isDue = true;
      return;
    }
    this.#isDue = false;
    // As `encodeMessage` would write it; the value is text already.
    send(`{"type":"presence"${this.#text === undefined ? "" : `,"value":${this.#text}`}}`);
    this.#pause.set(limits.presenceEveryMs, () => {
      if (this.#isDue) this.#sendSoon();
    });
  }

  #leave(): void {
    if (this.#isUp) this.#site.send(`{"type":"absent"}`);
    this.#release?.();
    this.#release = this.#text = this.#own = undefined;
    this.#others.clear();
    this.#snapshot = NOTHING;
  }
}

function isShown(one: Present): boolean {
  return Object.hasOwn(one, "value");
}
