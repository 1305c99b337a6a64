/** A call that is due at some time. */
export interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that passes only when the world says so. */
export class Clock {
  now: number;
  readonly #alarms = new Set<Alarm>();

  constructor(now = 1_800_000_000_000) {
    this.now = now;
  }

  set(at: number, callback: () => void): Alarm {
    const alarm = { at, callback };
    this.#alarms.add(alarm);
    return alarm;
  }

  clear(alarm: Alarm): void {
    this.#alarms.delete(alarm);
  }

  /** The time of the earliest alarm. */
  get next(): number | undefined {
    return this.#earliest()?.at;
  }

  /** Rings the earliest alarm that is due by now. */
  ring(): boolean {
    const alarm = this.#earliest();
    if (!alarm || alarm.at > this.now) return false;
    this.#alarms.delete(alarm);
    alarm.callback();
    return true;
  }

  /** Equal times ring in the order in which they were set: a Set keeps it. */
  #earliest(): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (const alarm of this.#alarms) if (!earliest || alarm.at < earliest.at) earliest = alarm;
    return earliest;
  }
}
