import {
  encodeMessage,
  encodeValue,
  exceedsBytes,
  HoldfastError,
  type Limits,
  type Value,
} from "@holdfast/protocol";
import { unwrap } from "../state/unwrap.ts";

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
  #events: readonly string[] = NOTHING;

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

  /**
   * Tells every connection, once it is durable.
   *
   * @throws HoldfastError `VALUE_UNSUPPORTED`, `VALUE_TOO_DEEP` or `VALUE_TOO_LARGE`
   */
  emit(event: string, data: unknown): void {
    this.#checkRoom(this.#events);
    // As it is now: what the action does to it later is another matter.
    const value = unwrap(data);
    if (exceedsBytes(encodeValue(value, [event]), this.#limits.resultBytes)) {
      throw new HoldfastError(
        "VALUE_TOO_LARGE",
        `The data of the event "${event}" is larger than ${this.#limits.resultBytes} bytes. Put large data into the state, and emit its id.`,
      );
    }
    const text = encodeMessage(
      // True because the codec has just accepted it.
      value === undefined
        ? { type: "event", event }
        : { type: "event", event, data: value as Value },
    );
    this.#events = [...this.#events, text];
  }

  /** To be called inside the transaction of the commit. */
  writeAll(): void {
    this.#always?.();
    for (const write of this.#writes) write();
  }

  /** All is durable: what is left is to tell the events, encoded. */
  take(): readonly string[] {
    const events = this.#events;
    this.#always = undefined;
    this.clear();
    return events;
  }

  /** Nothing of it happens, not even what always does: it is tried again. */
  forget(): void {
    this.#always = undefined;
    this.clear();
  }

  /** Nothing of it happens, or it is asked for anew. */
  clear(): void {
    this.#writes = NOTHING;
    this.#events = NOTHING;
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
