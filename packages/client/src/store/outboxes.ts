import type { ClientCursor } from "@holdfast/protocol";
import type { Outbox, PendingAction } from "./outbox.ts";

/** An outbox whose page is gone, and what to do once nothing is left in it. */
interface Adopted {
  readonly outbox: Outbox;
  readonly onDone: () => void;
}

/**
 * The outboxes that one link speaks for: the page's own, and those of pages that are gone. The latter
 * were there first, so their actions come first.
 */
export class Outboxes {
  #own: Outbox;
  #adopted: readonly Adopted[] = [];

  constructor(own: Outbox) {
    this.#own = own;
  }

  get own(): Outbox {
    return this.#own;
  }

  find(client: string): Outbox | undefined {
    return this.#all().find((outbox) => outbox.client === client);
  }

  /** The number of unanswered actions. */
  get size(): number {
    return this.#all().reduce((sum, outbox) => sum + outbox.size, 0);
  }

  /** The unanswered actions, in the order of their prediction. */
  pending(): PendingAction[] {
    return this.#all().flatMap((outbox) => [...outbox.pending()]);
  }

  /** `hello` has named all of them on the link at hand. */
  get areNamed(): boolean {
    return this.#all().every((outbox) => outbox.isNamed);
  }

  /** There is something that only `hello` can say. */
  get hasNews(): boolean {
    return this.#all().some((outbox) => outbox.hasNews);
  }

  adopt(outbox: Outbox, onDone: () => void): void {
    this.#adopted = [...this.#adopted, { outbox, onDone }];
  }

  /** All of them, as `hello` names them. Those that are done are named no more. */
  cursors(): ClientCursor[] {
    const done = this.#adopted.filter(({ outbox }) => outbox.isDone);
    this.#adopted = this.#adopted.filter((one) => !done.includes(one));
    for (const { onDone } of done) onDone();
    return this.#all().map((outbox) => outbox.cursor());
  }

  connected(isAfresh: boolean): void {
    for (const outbox of this.#all()) outbox.connected(isAfresh);
  }

  disconnected(): void {
    for (const outbox of this.#all()) outbox.disconnected();
  }

  /** Gives up on everything; returns what was unanswered. `own` takes the place of the page's own. */
  abandon(
    own: Outbox = this.#own,
  ): { readonly action: PendingAction; readonly wasSent: boolean }[] {
    const abandoned = this.#all().flatMap((outbox) => outbox.abandon());
    this.#adopted = [];
    this.#own = own;
    return abandoned;
  }

  #all(): Outbox[] {
    return [...this.#adopted.map(({ outbox }) => outbox), this.#own];
  }
}
