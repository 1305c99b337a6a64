import {
  encodeValue,
  EXPLAIN,
  exceedsBytes,
  HoldfastError,
  type ClientLimits,
  type Present,
  type PresentMessage,
  type ServerMessage,
} from "@holdfast/protocol";
import type { Environment, Timer } from "./environment.ts";
import { Listeners } from "./listeners.ts";

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

/** What presence needs of the instance that it belongs to. */
export interface PresenceParts {
  readonly environment: Environment;
  readonly limits: ClientLimits;
  readonly send: (frame: string) => void;
  /** Keeps the connection open until the returned function is called. */
  readonly hold: () => () => void;
}

/** Presence of one instance, as the instance tells it what happens. */
export interface InstancePresence extends PresenceHandle<unknown> {
  readonly receive: (messages: readonly ServerMessage[]) => void;
  /** The link is gone. */
  readonly down: () => void;
  /** What the others show was for somebody else to see. */
  readonly forget: () => void;
}

/** The machinery of presence. It is handed in, so that a bundle without it does not hold it. */
export type Presence = (parts: PresenceParts) => InstancePresence;

/** Shows to each other what pages say of their users: pass it to `createClient`. */
export const presence: Presence = (parts) => new PresenceOfInstance(parts);

/** Components come and go while a page changes: what is shown stays for so long. */
const LEAVE_DELAY_MS = 1_000;
/** Others are still shown for so long without a link. */
const GRACE_MS = 5_000;
const NOBODY: readonly PresentOther<unknown>[] = [];

class PresenceOfInstance implements InstancePresence {
  readonly #parts: PresenceParts;
  readonly #listeners: Listeners;
  readonly #others = new Map<string, unknown>();
  #snapshot: PresenceSnapshot<unknown> = { mine: undefined, others: NOBODY };
  /** `mine` as text. */
  #text: string | undefined;
  #own: string | undefined;
  #release: (() => void) | undefined;
  /** The link at hand was greeted. */
  #isUp = false;
  /** What is sent by now is not what is shown here. */
  #isDue = false;
  #pause: Timer;
  #leaving: Timer;
  #grace: Timer;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#listeners = new Listeners(parts.environment);
  }

  readonly getSnapshot = (): PresenceSnapshot<unknown> => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    const { environment, hold } = this.#parts;
    const unsubscribe = this.#listeners.add(listener);
    environment.clearTimeout(this.#leaving);
    if (!this.#release) {
      this.#release = hold();
      this.#sendSoon();
    }
    return () => {
      unsubscribe();
      if (this.#listeners.size > 0) return;
      environment.clearTimeout(this.#leaving);
      this.#leaving = environment.setTimeout(() => this.#leave(), LEAVE_DELAY_MS);
    };
  };

  readonly set = (value: unknown): void => {
    const { presenceBytes, depth } = this.#parts.limits;
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
    const { environment } = this.#parts;
    this.#isUp = false;
    if (this.#others.size === 0) return;
    environment.clearTimeout(this.#grace);
    this.#grace = environment.setTimeout(this.forget, GRACE_MS);
  };

  readonly forget = (): void => {
    this.#parts.environment.clearTimeout(this.#grace);
    this.#others.clear();
    this.#show(this.#snapshot.mine);
  };

  #take({ you, others }: PresentMessage): void {
    if (you !== undefined) {
      this.#parts.environment.clearTimeout(this.#grace);
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
    const { environment, limits, send } = this.#parts;
    if (!this.#isUp || !this.#release) return;
    if (this.#pause !== undefined) {
      this.#isDue = true;
      return;
    }
    this.#isDue = false;
    // As `encodeMessage` would write it; the value is text already.
    send(`{"type":"presence"${this.#text === undefined ? "" : `,"value":${this.#text}`}}`);
    this.#pause = environment.setTimeout(() => {
      this.#pause = undefined;
      if (this.#isDue) this.#sendSoon();
    }, limits.presenceEveryMs);
  }

  #leave(): void {
    if (this.#isUp) this.#parts.send(`{"type":"absent"}`);
    this.#release?.();
    this.#release = this.#text = this.#own = undefined;
    this.#others.clear();
    this.#snapshot = { mine: undefined, others: NOBODY };
  }
}

function isShown(one: Present): boolean {
  return Object.hasOwn(one, "value");
}
