import type { ModuleContract } from "@holdfast/protocol";
import type { ModuleHandle } from "../module-handle.ts";

type Handle = Pick<ModuleHandle<ModuleContract>, "module" | "key" | "getSnapshot" | "subscribe">;

/**
 * What suspended components wait for. A component that suspends before it was ever shown has no
 * effects and keeps nothing, so the waiting is done here: one promise for each instance, the same in
 * every attempt to render.
 */
export class Suspensions {
  readonly #waiting = new Map<string, Promise<void>>();

  /** Resolves when the instance has a state, or will have none. Connects meanwhile. */
  until(handle: Handle): Promise<void> {
    const id = JSON.stringify([handle.module, handle.key]);
    let promise = this.#waiting.get(id);
    if (!promise) {
      promise = waitFor(handle).finally(() => this.#waiting.delete(id));
      this.#waiting.set(id, promise);
    }
    return promise;
  }
}

function waitFor({ getSnapshot, subscribe }: Handle): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { restored, status } = getSnapshot();
      if (!restored && status !== "denied" && status !== "closed") return;
      // The instance stays for a moment: by then the component is shown, and has subscribed itself.
      unsubscribe();
      resolve();
    };
    const unsubscribe = subscribe(look);
  });
}
