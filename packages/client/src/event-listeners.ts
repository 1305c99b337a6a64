import type { ServerMessage } from "@holdfast/protocol";
import type { Environment } from "./environment.ts";

type EventListener = (data: unknown) => void;

/** Who wants to know of what a module's actions emit. */
export class EventListeners {
  readonly #environment: Environment;
  readonly #entries = new Set<{ readonly event: string; readonly listener: EventListener }>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** @returns a function that takes the listener out again; calling it twice does no harm */
  add(event: string, listener: EventListener): () => void {
    const entry = { event, listener };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** Tells the events of a frame, in their order. One listener's mistake reaches nobody else. */
  tell(messages: readonly ServerMessage[]): void {
    for (const message of messages) {
      if (message.type !== "event") continue;
      for (const { event, listener } of this.#entries) {
        if (event === message.event) this.#call(listener, message.data);
      }
    }
  }

  #call(listener: EventListener, data: unknown): void {
    try {
      listener(data);
    } catch (error) {
      this.#environment.report("Holdfast: a listener to an event threw.", error);
    }
  }
}
