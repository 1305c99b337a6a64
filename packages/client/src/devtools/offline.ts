import { OBSERVED } from "../observed.ts";

/**
 * The page's network cable: while it is pulled, no client of the page connects, and the page is told
 * what a browser without network would tell it.
 */
export class Offline {
  #plugIn: (() => void) | undefined;

  get isOn(): boolean {
    return this.#plugIn !== undefined;
  }

  set(isOn: boolean): void {
    if (isOn === this.isOn) return;
    if (isOn) this.#pull();
    else this.#plugIn?.();
  }

  #pull(): void {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const restore: (() => void)[] = [];
    for (const { admitter, instances } of OBSERVED) {
      if (!admitter) continue;
      // Asked before every attempt, and waited for.
      const { token } = admitter;
      admitter.token = () => released.then(() => token?.() ?? null);
      restore.push(() => (admitter.token = token));
      for (const instance of instances.values()) instance.restart();
    }
    Object.defineProperty(navigator, "onLine", { get: () => false, configurable: true });
    dispatchEvent(new Event("offline"));
    this.#plugIn = () => {
      this.#plugIn = undefined;
      for (const put of restore) put();
      // The browser's own is behind it.
      Reflect.deleteProperty(navigator, "onLine");
      release();
      dispatchEvent(new Event("online"));
    };
  }
}
