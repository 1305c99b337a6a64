import { optimism } from "@holdfast/client";
import { pageEnvironment } from "@holdfast/client/internal/environment";
import { ModuleStore } from "@holdfast/client/internal/store/module-store";
import {
  decodeServerFrame,
  DEFAULT_LIMITS,
  type HoldfastError,
  type Limits,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "@holdfast/server";
import type { Connection, ConnectionMeta } from "@holdfast/server/internal/host/connection";
import { Host } from "@holdfast/server/internal/host/host";
import { openNodeSqlite } from "@holdfast/server/internal/node/node-sqlite-port";
import type { Random } from "../random.ts";

/** Nobody is slowed down: what is looked at is what comes out. */
const LIMITS: Limits = { ...DEFAULT_LIMITS, ratePerSecond: 1e9, rateBurst: 1e9 };

/** One socket, whose frames wait in both directions until somebody delivers them. */
class Link implements Connection {
  meta: ConnectionMeta;
  readonly up: string[] = [];
  readonly down: string[] = [];

  constructor(principal: string) {
    this.meta = {
      principal,
      session: principal,
      user: null,
      expires: undefined,
      generation: 0,
      clients: undefined,
      epoch: "",
      schema: "",
    };
  }

  remember(meta: ConnectionMeta): void {
    this.meta = structuredClone(meta);
  }

  send(frame: string): void {
    this.down.push(frame);
  }

  close(): void {
    // A page notices when its next frame is lost.
    this.down.length = 0;
  }
}

/** One instance on a real host and journal, with pages whose links are in the hands of a schedule. */
export class UpdateWorld {
  readonly pages: UpdatePage[] = [];
  readonly reports: unknown[] = [];
  now = 1_800_000_000_000;
  host: Host;
  readonly random: Random;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  readonly #makeHost: () => Host;
  /** Of the hosts, those under way. */
  #pauses = 0;

  constructor(module: ModuleDefinition, random: Random, pages: number) {
    this.random = random;
    const sql = openNodeSqlite(":memory:");
    let tokens = 0;
    this.#makeHost = () =>
      new Host({
        module,
        name: "updates",
        key: "",
        sql,
        limits: LIMITS,
        env: {},
        platform: {
          now: () => this.now,
          token: (length) => String(++tokens).padStart(length, "0"),
          after: (ms, callback) => this.after(ms, callback),
          pause: async () => {
            this.#pauses++;
            await microtasks();
            this.#pauses--;
          },
          abort: (reason) => this.reports.push(reason),
          report: (error) => this.reports.push(error),
          warn: () => undefined,
          setAlarm: () => undefined,
        },
      });
    this.host = this.#makeHost();
    for (let index = 0; index < pages; index++) this.pages.push(new UpdatePage(this, `p${index}`));
  }

  /** Memory is forgotten and the sockets stay, as in hibernation: not while something is under way. */
  hibernate(): void {
    if (this.host.running || this.#pauses > 0) return;
    this.host = this.#makeHost();
    for (const { link } of this.pages) if (link) this.host.connect(link);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  tick(ms: number): void {
    this.now += ms;
    for (const timer of this.#timers) {
      if (timer.at <= this.now && this.#timers.delete(timer)) timer.callback();
    }
  }

  /** Delivers all that there is until nothing is under way any more. */
  async rest(): Promise<void> {
    for (let idle = 0, guard = 0; idle < 3; guard++) {
      if (guard > 200_000) throw new Error("The pages do not come to rest.");
      let moved = false;
      for (const page of this.pages) {
        page.connect();
        while (page.deliverUp() || page.deliverDown()) moved = true;
      }
      await microtasks();
      if (moved || this.pages.some(({ isBusy }) => isBusy)) idle = 0;
      else if (this.pages.every(({ pending }) => pending === 0)) idle++;
      if (!moved) this.tick(1_000);
    }
  }
}

/** One page: the real store and optimism over a link. */
export class UpdatePage {
  readonly store: ModuleStore;
  link: Link | undefined;
  readonly rejected: HoldfastError[] = [];
  readonly #world: UpdateWorld;
  readonly #principal: string;
  #resync = false;

  constructor(world: UpdateWorld, principal: string) {
    this.#world = world;
    this.#principal = principal;
    this.store = new ModuleStore({
      environment: {
        ...pageEnvironment,
        now: () => world.now,
        random: () => world.random.next(),
        setTimeout: (callback, ms) => world.after(ms, callback),
        // True because timers come from the function above.
        clearTimeout: (timer) => (timer as (() => void) | undefined)?.(),
        report: (message, cause) => void world.reports.push(cause ?? message),
      },
      limits: LIMITS,
      module: "updates",
      key: undefined,
      optimism,
      send: (frame) => this.link?.up.push(frame),
      greet: () => this.link?.up.push(JSON.stringify(this.store.hello(false))),
      onStalled: () => this.drop(),
      onRejected: ({ error }) => this.rejected.push(error),
    });
  }

  get pending(): number {
    return this.store.getSnapshot().pending;
  }

  get isBusy(): boolean {
    return this.link !== undefined && this.link.up.length + this.link.down.length > 0;
  }

  connect(): void {
    if (this.link) return;
    this.link = new Link(this.#principal);
    this.link.up.push(JSON.stringify(this.store.hello(this.#resync)));
    this.#world.host.connect(this.link);
  }

  /** All that is on its way is lost. */
  drop(): void {
    const { link } = this;
    if (!link) return;
    this.link = undefined;
    this.#world.host.disconnect(link);
    this.store.disconnected();
  }

  deliverUp(): boolean {
    const frame = this.link?.up.shift();
    if (!this.link || frame === undefined) return false;
    this.#world.host.receive(this.link, frame);
    return true;
  }

  deliverDown(): boolean {
    const frame = this.link?.down.shift();
    if (!this.link || frame === undefined) return false;
    if (this.store.receive(decodeServerFrame(frame))) {
      if (this.store.isGreeted) this.#resync = false;
    } else {
      this.#resync = true;
      this.drop();
    }
    return true;
  }
}

export function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
