import type { RoomDelivery } from "../../connection/room-port.ts";
import type { Platform } from "../platform.ts";

/** Something to tell another object. */
export type Letter =
  | { readonly type: "join" | "leave" }
  | { readonly type: "deliver"; readonly text: string; readonly except: readonly string[] };

/** How one other object is told. */
export interface Recipient {
  join(): Promise<void>;
  leave(): Promise<void>;
  deliver(deliveries: readonly RoomDelivery[]): Promise<void>;
  /** A letter that no attempt has brought there. */
  lost(letter: Letter, error: unknown): void;
  /** Nothing waits any more. */
  idle(): void;
}

/** As whom letters are sent. */
export interface Sender {
  readonly from: string;
  /** Larger than all before it. */
  readonly nextNumber: () => number;
}

/** What a post needs of where it runs. */
export type PostPlatform = Pick<Platform, "after" | "report">;

/** So many attempts, with so long a pause before the second, and twice as long before each further one. */
const ATTEMPTS = 5;
const PAUSE_MS = 100;
/** At most so many deliveries in one call. */
const PER_CALL = 100;

/**
 * Brings letters to one other object, in order: one call at a time. An event that cannot be brought
 * is dropped after a few attempts, and the operator told: events are at most once.
 */
export class Post {
  readonly #sender: Sender;
  readonly #recipient: Recipient;
  readonly #platform: PostPlatform;
  readonly #letters: Letter[] = [];
  #running: Promise<void> | undefined;

  constructor(sender: Sender, recipient: Recipient, platform: PostPlatform) {
    this.#sender = sender;
    this.#recipient = recipient;
    this.#platform = platform;
  }

  /** How many wait, the one that is on its way among them. */
  get waiting(): number {
    return this.#letters.length;
  }

  /** Resolves when all is brought or lost; `undefined`: nothing is on its way. */
  get underWay(): Promise<void> | undefined {
    return this.#running;
  }

  send(letter: Letter): void {
    this.#letters.push(letter);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.#recipient.idle();
    });
  }

  async #run(): Promise<void> {
    for (let [first] = this.#letters; first; [first] = this.#letters) {
      const batch = first.type === "deliver" ? this.#deliveries() : undefined;
      const call = batch
        ? () => this.#recipient.deliver(batch)
        : () => (first.type === "join" ? this.#recipient.join() : this.#recipient.leave());
      const error = await this.#attempt(call);
      for (const letter of this.#letters.splice(0, batch?.length ?? 1)) {
        if (error) this.#recipient.lost(letter, error.cause);
      }
    }
  }

  /** Those at the front that go together. Numbered here, so that a repeated call has the same. */
  #deliveries(): RoomDelivery[] {
    const { from, nextNumber } = this.#sender;
    const deliveries: RoomDelivery[] = [];
    for (const letter of this.#letters) {
      if (letter.type !== "deliver" || deliveries.length === PER_CALL) break;
      const { text, except } = letter;
      deliveries.push({ from, number: nextNumber(), text, except });
    }
    return deliveries;
  }

  async #attempt(call: () => Promise<void>): Promise<{ readonly cause: unknown } | undefined> {
    for (let attempt = 1, pause = PAUSE_MS; ; attempt++, pause *= 2) {
      try {
        await call();
        return undefined;
      } catch (cause) {
        if (attempt === ATTEMPTS) return { cause };
      }
      await new Promise<void>((resolve) => void this.#platform.after(pause, resolve));
    }
  }
}
