import type { ValueObject } from "@holdfast/protocol";
import { SocketConnection } from "@holdfast/server/internal/cloudflare/socket-connection";
import { sessionIdentity } from "@holdfast/server/internal/host/connection";
import { connectionHome, roomHome } from "@holdfast/server/internal/node/home-name";
import { RunningApp } from "@holdfast/server/internal/testing/app/running-app";
import { Random } from "@holdfast/testing/random";
import { connections } from "./app.ts";
import { Faults } from "./faults.ts";
import { ChatPage } from "./page.ts";

const USERS = ["ann", "bob", "cid"] as const;
const ROOMS = ["hall", "den"] as const;
const STEPS = 40;
/** Longer than a page takes to come back, and shorter than it may be away. */
const BACK_MS = 40_000;
/** Longer than a page may be away. */
const GONE_MS = 130_000;

const HARMLESS_STEPS = {
  say: 12,
  sayTwice: 3,
  refuse: 2,
  join: 3,
  leave: 2,
  rename: 1,
  wear: 1,
  hibernate: 4,
  pass: 3,
  rest: 3,
};
const HARMFUL_STEPS = {
  ...HARMLESS_STEPS,
  cut: 2,
  "kill a user": 2,
  "kill a room": 2,
  "kill all": 1,
};

export interface RoomsVerdict {
  readonly breaches: readonly string[];
  readonly said: number;
  readonly heard: number;
  readonly kills: number;
}

/**
 * One random history of three users with two pages each in two rooms, in a world where calls between
 * objects come late, are lost, or lose their answers, and, in every second one, objects and links die.
 */
export class RoomsHistory {
  readonly #random: Random;
  readonly #isHarmless: boolean;
  readonly #faults: Faults;
  readonly #app;
  readonly #pages: ChatPage[] = [];
  /** What each page has to hear, where nothing may be lost. */
  readonly #due = new Map<ChatPage, string[]>();
  readonly #themes = new Map<string, string>();
  readonly #breaches: string[] = [];
  #kills = 0;

  static async play(seed: number): Promise<RoomsVerdict> {
    const history = new RoomsHistory(seed);
    try {
      await history.#play();
    } finally {
      history.#app[Symbol.dispose]();
    }
    return {
      breaches: history.#breaches,
      said: history.#pages.reduce((sum, { wishes }) => sum + wishes.length, 0),
      heard: history.#pages.reduce((sum, { heard }) => sum + heard.length, 0),
      kills: history.#kills,
    };
  }

  private constructor(seed: number) {
    this.#random = new Random(seed);
    this.#isHarmless = seed % 2 === 0;
    this.#faults = new Faults(this.#random.fork(), this.#isHarmless);
    this.#app = new RunningApp(
      {
        modules: {},
        connections,
        authenticate: (request) => {
          const [, id] = /^Bearer (.+)$/.exec(request.headers.get("Authorization") ?? "") ?? [];
          return id === undefined ? null : { id };
        },
      },
      (homes) => this.#faults.around(homes),
    );
  }

  async #play(): Promise<void> {
    for (const user of USERS) for (const tab of [1, 2]) this.#open(`${user}${tab}`, user);
    await this.#settle();
    for (const page of this.#pages) if (this.#random.chance(0.7)) await this.#join(page, "hall");
    for (let step = 0; step < STEPS; step++) await this.#step();
    this.#faults.isOn = false;
    await this.#settle(BACK_MS);
    this.#checkSaid();
    this.#checkHeard();
    await this.#checkMembers();
    await this.#checkMeta();
    await this.#checkGone();
  }

  #open(name: string, user: string): ChatPage {
    const page = new ChatPage(name, user, this.#app.page({ token: user }));
    this.#pages.push(page);
    this.#due.set(page, []);
    return page;
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const page = random.pick(this.#pages);
    const room = random.pick(ROOMS);
    const weights: Readonly<Record<string, number>> = this.#isHarmless
      ? HARMLESS_STEPS
      : HARMFUL_STEPS;
    switch (random.weighted(weights)) {
      case "say":
        page.say(room);
        return this.#expectHeard(page, 1);
      case "sayTwice":
        page.sayTwice(room);
        return this.#expectHeard(page, 2);
      case "refuse":
        return page.refuse(room);
      case "join":
        return this.#join(page, room);
      case "leave":
        // What is under way would be in doubt.
        await this.#settle(BACK_MS);
        await this.#within(page.leave(room));
        return this.#settle(BACK_MS);
      case "rename":
        return this.#within(page.rename(`name ${random.between(1, 1_000)}`));
      case "wear": {
        const theme = `theme ${random.between(1, 1_000)}`;
        this.#themes.set(page.user, theme);
        return this.#within(page.wear(theme));
      }
      case "hibernate":
        return this.#hibernate();
      case "pass":
        return this.#app.pass(random.between(10, 3_000));
      case "rest":
        return this.#app.rest();
      case "cut":
        page.cut();
        return;
      case "kill a user":
        this.#kills++;
        return this.#app.at(homeOf(random.pick(USERS))).kill();
      case "kill a room":
        this.#kills++;
        return this.#app.room(roomHome(room)).kill();
      case "kill all":
        this.#kills++;
        return this.#app.kill();
    }
  }

  /** Between two joins nothing is in doubt. */
  async #join(page: ChatPage, room: string): Promise<void> {
    await this.#settle(BACK_MS);
    await this.#within(page.join(room));
    await this.#settle(BACK_MS);
  }

  #expectHeard(page: ChatPage, count: number): void {
    for (const { id, room } of page.wishes.slice(-count)) {
      for (const other of this.#pages) if (other.rooms.has(room)) this.#due.get(other)?.push(id);
    }
  }

  async #hibernate(): Promise<void> {
    const random = this.#random;
    if (random.chance(0.3)) return this.#app.hibernate();
    if (random.chance(0.5)) return this.#app.at(homeOf(random.pick(USERS))).hibernate();
    return this.#app.room(roomHome(random.pick(ROOMS))).hibernate();
  }

  /** An event that is answered in the end, whatever happens meanwhile. */
  async #within(emitted: Promise<unknown>): Promise<void> {
    let isOver = false;
    const ended = emitted.then(
      () => void (isOver = true),
      (error: unknown) => {
        isOver = true;
        this.#breach(`an event that is valid was refused: ${String(error)}`);
      },
    );
    for (let wait = 0; wait < 100 && !isOver; wait++) await this.#settle(1_000);
    if (!isOver) this.#breach("an event was never answered");
    else await ended;
  }

  async #settle(ms = 0): Promise<void> {
    await this.#app.pass(ms);
    do {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#app.rest();
    } while (!this.#faults.isQuiet);
    await this.#app.rest();
  }

  #checkSaid(): void {
    for (const page of this.#pages) {
      if (!page.isLive) this.#breach(`${page.name} has not come back`);
      const said = page.state?.said ?? [];
      for (const { id, room, outcome } of page.wishes) {
        const times = said.filter((text) => text === `${id} ${room}`).length;
        if (outcome === "open") this.#breach(`${id} was never answered`);
        if (times > 1) this.#breach(`${id} happened ${times} times`);
        if (outcome === "done" && times === 0) this.#breach(`${id} is lost`);
        if (outcome === "refused" && times > 0) this.#breach(`${id} was refused and left a trace`);
      }
    }
  }

  #checkHeard(): void {
    for (const page of this.#pages) {
      const ids = page.heard.map(({ id }) => id);
      if (new Set(ids).size < ids.length) this.#breach(`${page.name} heard something twice`);
      for (const { id, room } of page.heard) {
        const said = this.#speaker(id)?.state?.said ?? [];
        if (!said.includes(`${id} ${room}`)) this.#breach(`${id} was heard and never committed`);
      }
      for (const user of USERS) {
        for (const room of ROOMS) {
          const said = this.#pages.find((one) => one.user === user)?.state?.said ?? [];
          const order = said.filter((text) => text.endsWith(` ${room}`));
          const heard = page.heard
            .filter((one) => one.room === room && one.id.startsWith(user))
            .map(({ id }) => order.indexOf(`${id} ${room}`));
          if (heard.some((at, index) => at < (heard[index - 1] ?? -1))) {
            this.#breach(`${page.name} heard ${user} out of order`);
          }
        }
      }
      if (!this.#isHarmless) continue;
      const missed = this.#due.get(page)?.filter((id) => !ids.includes(id)) ?? [];
      if (missed.length > 0) this.#breach(`${page.name} never heard ${missed.join(", ")}`);
    }
    this.#checkOneOrder();
  }

  /** Everybody in a room hears what he hears in the same order. */
  #checkOneOrder(): void {
    for (const one of this.#pages) {
      for (const other of this.#pages) {
        const theirs = new Set(other.heard.map(({ id }) => id));
        const ours = new Set(one.heard.map(({ id }) => id));
        for (const room of ROOMS) {
          const both = (page: ChatPage, common: ReadonlySet<string>): string =>
            page.heard
              .filter((what) => what.room === room && common.has(what.id))
              .map(({ id }) => id)
              .join();
          if (both(one, theirs) !== both(other, ours)) {
            this.#breach(`${one.name} and ${other.name} heard ${room} in two orders`);
          }
        }
      }
    }
  }

  /** Whoever has joined and not left is in the room, and nobody else. */
  async #checkMembers(): Promise<void> {
    for (const room of ROOMS) {
      const speaker = this.#random.pick(this.#pages);
      const before = new Map(this.#pages.map((page) => [page, page.heard.length]));
      speaker.say(room);
      await this.#settle(1_000);
      for (const page of this.#pages) {
        const hears = page.heard.length > (before.get(page) ?? 0);
        if (hears === page.rooms.has(room)) continue;
        this.#breach(`${page.name} is ${hears ? "still" : "not"} in ${room}`);
      }
    }
  }

  /** Made anew with every link, so only where none broke. */
  async #checkMeta(): Promise<void> {
    if (!this.#isHarmless) return;
    for (const page of this.#pages) {
      this.#app.hibernate();
      const name = page.whoami();
      await this.#settle(1_000);
      const kept = keptWithSocket({ userId: page.user, name: page.meta });
      if ((await name) !== page.meta || kept?.["name"] !== page.meta) {
        this.#breach(`${page.name} has lost its meta`);
      }
    }
  }

  /** A user whose pages are closed is out of the rooms; what he is kept is there when he comes back. */
  async #checkGone(): Promise<void> {
    const user = this.#random.pick(USERS);
    const [gone, there] = [true, false].map((isGone) =>
      this.#pages.filter((page) => (page.user === user) === isGone),
    ) as [ChatPage[], ChatPage[]];
    // A server that dies tells nobody who has gone: that is found by the next one who is told something.
    if (!this.#isHarmless) this.#app.kill();
    for (const page of gone) page.close();
    await this.#settle(BACK_MS);
    for (const room of ROOMS) there[0]?.say(room);
    await this.#settle(GONE_MS);
    const calls = this.#faults.arrived.get(homeOf(user)) ?? 0;
    for (const room of ROOMS) there[0]?.say(room);
    await this.#settle(1_000);
    if ((this.#faults.arrived.get(homeOf(user)) ?? 0) > calls) {
      this.#breach(`${user} is gone and was called all the same`);
    }
    const back = this.#open(`${user}3`, user);
    await this.#settle(1_000);
    const { theme, visits } = back.state ?? { theme: undefined, visits: 0 };
    if (theme !== (this.#themes.get(user) ?? "")) this.#breach(`${user} has lost the theme`);
    // Of a server that died nobody knows when its last connection went.
    if (this.#isHarmless && visits !== 1)
      this.#breach(`${user} was gone, and what is ephemeral was kept`);
  }

  #speaker(id: string): ChatPage | undefined {
    return this.#pages.find(({ name }) => id.startsWith(`${name}#`));
  }

  #breach(what: string): void {
    this.#breaches.push(what);
  }
}

/** What a Durable Object finds of a connection's meta behind hibernation. */
function keptWithSocket(extra: ValueObject): ValueObject | undefined {
  let attachment: unknown;
  const socket = {
    serializeAttachment: (value: unknown) => void (attachment = structuredClone(value)),
    deserializeAttachment: () => attachment,
  };
  // As much of a socket as is used of it.
  const platforms = socket as unknown as Parameters<typeof SocketConnection.restore>[0];
  SocketConnection.begin(platforms, { ...sessionIdentity("somebody"), extra });
  return SocketConnection.restore(platforms).meta.extra;
}

function homeOf(user: string): string {
  return connectionHome("UserConnection", `user/${encodeURIComponent(`user:${user}`)}`);
}
