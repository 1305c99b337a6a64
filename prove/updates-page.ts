import { type AppContract, createClient, type ModuleHandle, optimism } from "@holdfast/client";
import type { AppOf } from "@holdfast/server";
import { nodePage } from "@holdfast/testing/node-page";
import type { Random } from "@holdfast/testing/random";
import type { modules } from "./updates-app.ts";

type App = AppOf<typeof modules>;
type Handle = ModuleHandle<App["modules"]["board"]>;
type State = NonNullable<ReturnType<Handle["getSnapshot"]>["state"]>;

/** So many updates are under way at a time; a storm brings this many more at once. */
const UNDER_WAY = 8;
const STORM = 40;

/** One page that updates by patches as fast as it is answered, with named actions in between. */
export class UpdatesPage {
  /** What it has done, as the answers say. */
  readonly done = { increments: 0, named: 0, items: [] as string[], marks: [] as string[] };
  readonly refused: string[] = [];
  readonly #handle: Handle;
  readonly #close: () => void;
  readonly #random: Random;
  readonly #name: string;
  #left: number;
  #serial = 0;
  #open = 0;

  constructor(url: string, name: string, increments: number, random: Random) {
    const environment = nodePage(url);
    const client = createClient<App & AppContract>({ host: url, optimism, environment });
    this.#handle = client.module("board");
    this.#close = () => client.close();
    this.#handle.subscribe(() => undefined);
    this.#name = name;
    this.#left = increments;
    this.#random = random;
  }

  get isLive(): boolean {
    return this.#handle.getSnapshot().status === "live";
  }

  get isDone(): boolean {
    return this.#left === 0 && this.#open === 0;
  }

  get state(): State | undefined {
    return this.#handle.getSnapshot().state;
  }

  get left(): number {
    return this.#left;
  }

  start(): void {
    while (this.#open < UNDER_WAY && this.#left > 0) this.#next();
  }

  close(): void {
    this.#close();
  }

  #next(): void {
    const random = this.#random;
    if (random.chance(0.02)) {
      for (let more = 0; more < STORM && this.#left > 0; more++) this.#increment();
    } else if (random.chance(0.1)) {
      this.#settle(this.#handle.actions.increment(), () => this.done.named++);
    } else if (random.chance(0.08)) {
      this.#addItem();
    } else if (random.chance(0.2)) {
      this.#mark();
    } else {
      this.#increment();
    }
  }

  #increment(): void {
    this.#left--;
    this.#settle(
      this.#handle.update((draft) => void draft.count++),
      () => this.done.increments++,
    );
  }

  /** At a position that others move while it is on its way. */
  #addItem(): void {
    const id = `${this.#name}-${this.#serial++}`;
    const { items } = this.state ?? { items: [] };
    const at = this.#random.between(0, items.length);
    const added = this.#random.chance(0.5)
      ? this.#handle.actions.insert(id)
      : this.#handle.update((draft) => void draft.items.splice(at, 0, { id, marks: [] }));
    this.#settle(added, () => this.done.items.push(id));
  }

  #mark(): void {
    const { items } = this.state ?? { items: [] };
    if (items.length === 0) return this.#increment();
    const { id } = this.#random.pick(items);
    const mark = `${id}/${this.#name}.${this.#serial++}`;
    this.#settle(
      this.#handle.update((draft) => {
        draft.items.find((item) => item.id === id)?.marks.push(mark);
      }),
      () => this.done.marks.push(mark),
    );
  }

  #settle(promise: Promise<unknown>, onDone: () => void): void {
    this.#open++;
    promise
      .then(onDone, (error: unknown) => this.refused.push(String(error)))
      .finally(() => {
        this.#open--;
        this.start();
      });
  }
}
