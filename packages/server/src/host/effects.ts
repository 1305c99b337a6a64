import {
  encodeMessage,
  encodeValue,
  exceedsBytes,
  HoldfastError,
  type Limits,
  type Value,
} from "@holdfast/protocol";
import { unwrap } from "../state/unwrap.ts";
import type { Connection } from "./connection.ts";
import type { News } from "./news.ts";

/**
 * What an action asks for beside changes of the state: it happens with its commit, or not at all.
 * Database writes become durable in the same transaction; events go out behind the commit.
 */
export class Effects {
  readonly #limits: Limits;
  /** What happens with the action's first durable write, even if that is its refusal. */
  #always: (() => void) | undefined;
  // Shared while they are empty: most actions have none.
  #writes: readonly (() => void)[] = NOTHING;
  #news: readonly News[] = NOTHING;
  #undos: readonly (() => void)[] = NOTHING;

  constructor(limits: Limits, always?: () => void) {
    this.#limits = limits;
    this.#always = always;
  }

  /** Whether something has to be durable. */
  get isDurable(): boolean {
    return this.#always !== undefined || this.#writes.length > 0;
  }

  /** What happens with the first durable write: for one that is not the action's own commit. */
  get always(): (() => void) | undefined {
    return this.#always;
  }

  /** It has happened, with another write. */
  alwaysDone(): void {
    this.#always = undefined;
  }

  /** Runs `write` in the transaction of the commit. */
  write(write: () => void): void {
    this.#checkRoom(this.#writes);
    this.#writes = [...this.#writes, write];
  }

  /** Does something once all is durable and told. */
  after(run: () => void): void {
    this.#checkRoom(this.#news);
    this.#news = [...this.#news, { type: "after", run }];
  }

  /** Takes back, should nothing of it happen, what was done already. */
  undo(undo: () => void): void {
    this.#undos = [...this.#undos, undo];
  }

  /**
   * Tells every connection, or those that `to` accepts, once it is durable.
   *
   * @throws HoldfastError `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP` or `VALUE_TOO_LARGE`
   */
  emit(event: string, data: unknown, to?: (connection: Connection) => boolean): void {
    this.#checkRoom(this.#news);
    this.#news = [...this.#news, { type: "event", text: this.encode(event, data), to }];
  }

  /** An event as it goes onto sockets. Throws as `emit` does. */
  encode(event: string, data: unknown): string {
    // As it is now: what the action does to it later is another matter.
    const value = unwrap(data);
    if (exceedsBytes(encodeValue(value, [event]), this.#limits.resultBytes)) {
      throw new HoldfastError(
        "VALUE_TOO_LARGE",
        `The data of the event "${event}" is larger than ${this.#limits.resultBytes} bytes. Put large data into the state, and emit its id.`,
      );
    }
    return encodeMessage(
      // True because the codec has just accepted it.
      value === undefined
        ? { type: "event", event }
        : { type: "event", event, data: value as Value },
    );
  }

  /** To be called inside the transaction of the commit. */
  writeAll(): void {
    this.#always?.();
    for (const write of this.#writes) write();
  }

  /** All is durable: what is left is to tell of it. */
  take(): readonly News[] {
    const news = this.#news;
    this.#always = undefined;
    this.#undos = NOTHING;
    this.clear();
    return news;
  }

  /** Nothing of it happens, not even what always does: it is tried again. */
  forget(): void {
    this.#always = undefined;
    this.clear();
  }

  /** Nothing of it happens, or it is asked for anew. */
  clear(): void {
    this.#writes = NOTHING;
    this.#news = NOTHING;
    const undos = this.#undos;
    this.#undos = NOTHING;
    for (let at = undos.length - 1; at >= 0; at--) undos[at]?.();
  }

  #checkRoom(list: readonly unknown[]): void {
    if (list.length < this.#limits.effectsPerAction) return;
    throw new HoldfastError(
      "TOO_MANY_WRITES",
      `An action may emit ${this.#limits.effectsPerAction} events, and schedule as many actions. Put what belongs together into one.`,
    );
  }
}

const NOTHING: readonly never[] = [];
