import type { Instance } from "../instance.ts";
import { OBSERVED, type Observed } from "../observed.ts";
import { Offline } from "./offline.ts";
import { Recorder } from "./recorder.ts";

/** One instance of the page, and what was written down of it. */
export interface Subject {
  /** The same for one module, key and client as long as the page lives. */
  readonly id: string;
  readonly module: string;
  readonly key: string | undefined;
  readonly instance: Instance;
  readonly recorder: Recorder;
}

/** Statuses change without a frame. */
const LOOK_EVERY_MS = 500;

/** Looks at all clients of the page, those that come later as well. */
export class Watch {
  readonly offline: Offline = new Offline();
  readonly #onChange: () => void;
  readonly #subjects = new Map<Instance, Subject>();
  readonly #clients = new Map<Observed, string>();
  readonly #timer: ReturnType<typeof setInterval>;
  #nextClient = 1;

  /** @param onChange something may have changed */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#look();
    this.#timer = setInterval(() => {
      this.#look();
      onChange();
    }, LOOK_EVERY_MS);
  }

  get subjects(): readonly Subject[] {
    this.#look();
    return [...this.#subjects.values()];
  }

  stop(): void {
    clearInterval(this.#timer);
    this.offline.set(false);
    for (const observed of this.#clients.keys()) observed.onFrame = undefined;
  }

  #look(): void {
    for (const observed of this.#clients.keys()) {
      if (!OBSERVED.has(observed)) this.#clients.delete(observed);
    }
    const alive = new Set<Instance>();
    for (const observed of OBSERVED) {
      if (!this.#clients.has(observed)) {
        this.#clients.set(observed, String(this.#nextClient++));
        observed.onFrame = (instance, text, isSent) =>
          this.#frame(observed, instance, text, isSent);
      }
      for (const [name, instance] of observed.instances) {
        alive.add(instance);
        this.#subject(observed, name, instance);
      }
    }
    for (const instance of this.#subjects.keys()) {
      if (!alive.has(instance)) this.#subjects.delete(instance);
    }
  }

  #frame(observed: Observed, instance: Instance, text: string, isSent: boolean): void {
    const [name = ""] =
      [...observed.instances].find(([, candidate]) => candidate === instance) ?? [];
    this.#subject(observed, name, instance).recorder.frame(text, isSent, Date.now());
    this.#onChange();
  }

  #subject(observed: Observed, name: string, instance: Instance): Subject {
    let subject = this.#subjects.get(instance);
    if (!subject) {
      // True because this is how a client names its instances.
      const [module, key] = JSON.parse(name) as [string, string | null];
      subject = {
        id: `${this.#clients.get(observed)} ${name}`,
        module,
        key: key ?? undefined,
        instance,
        recorder: new Recorder(instance.store.confirmed),
      };
      this.#subjects.set(instance, subject);
    }
    return subject;
  }
}
