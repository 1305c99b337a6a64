/** What the browser offers for pages to know of each other. */
export interface Neighbourhood {
  readonly locks: Pick<LockManager, "request">;
  readonly BroadcastChannel: typeof BroadcastChannel;
}

interface TenancyOptions extends Neighbourhood {
  /** Pages of the same place know of each other. */
  readonly place: readonly unknown[];
  /** The page's own client id. */
  readonly client: string;
  /** The page of that client is gone, and nobody else has its outbox until `release` is called. */
  readonly onVacant: (client: string, release: () => void) => void;
}

/** What a page calls out when it comes, and what the others answer. */
interface Call {
  readonly client: string;
  readonly isNew: boolean;
}

/**
 * Which outboxes of a place belong to pages that live. Each page holds a lock of its client id's
 * name, which the browser takes from it when it dies; the others wait in line for it. So the first
 * one in line takes the outbox over, at once, and should it die as well, the next one does: there is
 * no leader.
 */
export class Tenancy {
  /** Resolves once the page's own lock is held. */
  readonly isHeld: Promise<unknown>;
  readonly #options: TenancyOptions;
  readonly #channel: BroadcastChannel;
  readonly #watched = new Set<string>();
  readonly #ending = new AbortController();

  constructor(options: TenancyOptions) {
    this.#options = options;
    const { client, place } = options;
    // Not held in the end: then the page has left the place, and keeps nothing more.
    this.isHeld = this.#hold(client).catch(() => undefined);
    this.#watched.add(client);
    this.#channel = new options.BroadcastChannel(`holdfast:${JSON.stringify(place)}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Call>) => {
      this.watch(data.client);
      if (data.isNew) this.#call(false);
    };
    // Once it is held: whoever hears it waits in line behind this page.
    void this.isHeld.then(() => this.#call(true));
  }

  /** Waits in line for the outbox of another page. */
  watch(client: string): void {
    if (this.#watched.has(client) || this.#ending.signal.aborted) return;
    this.#watched.add(client);
    void this.#hold(client).then(
      (release) =>
        this.#options.onVacant(client, () => {
          this.#watched.delete(client);
          release();
        }),
      // The page leaves the place before it is its turn.
      () => undefined,
    );
  }

  /** Leaves the place: others may have the outbox. */
  close(): void {
    this.#ending.abort();
    this.#channel.close();
  }

  #call(isNew: boolean): void {
    if (this.#ending.signal.aborted) return;
    this.#channel.postMessage({ client: this.#options.client, isNew } satisfies Call);
  }

  /** @returns a function that lets the lock go; `close()` does as well */
  #hold(client: string): Promise<() => void> {
    const { signal } = this.#ending;
    return new Promise((resolve, reject) => {
      this.#options.locks
        .request(`holdfast:${client}`, { signal }, () => {
          return new Promise<void>((release) => {
            signal.addEventListener("abort", () => release());
            resolve(release);
          });
        })
        .catch(reject);
    });
  }
}
