import { settled } from "./host.fixture.ts";

/** Awaits of handlers, which end when the test says so. */
export class Gates {
  readonly #waiting = new Map<string, () => void>();

  /** For a handler: resolves when the gate of this name is opened. */
  wait(name: string): Promise<void> {
    return new Promise((resolve) => void this.#waiting.set(name, resolve));
  }

  /** Lets who waits go on; resolves when that has come to rest. */
  async open(name: string): Promise<void> {
    this.#waiting.get(name)?.();
    this.#waiting.delete(name);
    await settled();
  }
}
