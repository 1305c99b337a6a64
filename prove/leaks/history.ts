import { instanceName, parseInstanceName } from "@holdfast/server/internal/module/instance-name";
import { Random } from "@holdfast/testing/random";
import { type Canary, Canaries, type Onlooker } from "./canaries.ts";
import { describe, type Home, homeOf, instanceOf, isSame, ownInstance } from "./home.ts";
import type { Deed, LeaksPage } from "./page.ts";
import { judge } from "./verdict.ts";
import { LeaksWorld } from "./world.ts";

/** What a history came to. */
export interface LeaksPlayed {
  /** What was wrong, if anything was. */
  readonly breaches: readonly string[];
  readonly transcript: readonly string[];
  readonly figures: {
    readonly canaries: number;
    readonly moves: number;
    readonly kills: number;
    readonly frames: number;
  };
}

const USERS = ["alice", "bob", "carol"] as const;
/** Nobody is connected for so long: what a session has without a key is gone. */
const LONELY_MS = 60_000;

/** One random history, and what is wrong with it. */
export class LeaksHistory {
  readonly canaries: Canaries;
  readonly world: LeaksWorld;
  readonly breaches: string[] = [];
  readonly transcript: string[] = [];
  /** The home of each canary that was written into the to-do list. */
  readonly homes = new Map<Canary, Home>();
  readonly clears: { readonly home: Home; readonly deed: Deed }[] = [];
  /** A login brings them along, wherever it is sent from. */
  readonly #names = new Set<Canary>();
  /** Own instances of sessions that nobody was at for a minute: their guests began anew. */
  readonly #renewed = new Set<string>();
  readonly #random: Random;
  #labels = 0;
  #moves = 0;
  #frames = 0;

  private constructor(seed: number) {
    this.#random = new Random(seed);
    this.canaries = new Canaries(this.#random.fork(), () => this.world.clock.now);
    this.world = new LeaksWorld(this.#random.fork(), {
      onSend: (instance, { meta: { session, generation } }, frame) => {
        this.#frames++;
        for (const canary of this.canaries.in(frame)) {
          const hasLeft =
            this.homes.has(canary) && this.world.objects.hasLeft(instance, session, generation);
          if (canary.mayBeSent({ instance, session }) && !hasLeft) continue;
          this.breach(
            `${canary.what} was sent to ${this.#name(session)} by ${instance}${hasLeft ? ", which it has left" : ""}`,
          );
        }
      },
      onReceive: ({ instance }, frame) => {
        for (const canary of this.canaries.in(frame)) {
          if (!this.homes.has(canary) || this.#names.has(canary)) continue;
          if (!canary.mayBeStored(instance)) {
            this.breach(`${canary.what} was brought to ${instance}`);
          }
        }
      },
      onReport: (what) => {
        for (const canary of this.canaries.in(what)) {
          if (!canary.isThrown) this.breach(`${canary.what} stands in the log: ${what}`);
        }
        if (what.startsWith("An invariant")) this.breach(what);
      },
      onAbort: (reason) => this.breach(`aborted: ${reason}`),
      onText: ({ label }, what, text) => {
        if (this.canaries.in(text).length > 0) this.breach(`${what} of ${label} tells: ${text}`);
      },
      onAdoption: ({ guest, from }, instance, outcome) => {
        if (outcome?.type === "adopted") this.#moves++;
        if (from !== null || guest === undefined) return;
        for (const canary of this.canaries.in(guest)) {
          canary.alsoAt.add(instance);
          if (outcome?.type === "adopted") canary.arrivedAt.add(instance);
        }
      },
    });
  }

  static async play(seed: number): Promise<LeaksPlayed> {
    const history = new LeaksHistory(seed);
    const { breaches, transcript, canaries, world } = history;
    using _ = world.objects;
    await history.#run();
    return {
      breaches,
      transcript,
      figures: {
        canaries: canaries.size,
        moves: history.#moves,
        kills: world.objects.kills,
        frames: history.#frames,
      },
    };
  }

  breach(what: string): void {
    this.breaches.push(what);
  }

  async #run(): Promise<void> {
    const random = this.#random;
    const weights = Object.fromEntries(
      Object.entries(WEIGHTS).map(([name, weight]) => [name, weight * random.between(0, 3)]),
    ) as Record<keyof typeof WEIGHTS, number>;
    for (let count = random.between(2, 3); count > 0; count--) {
      const browser = this.world.addBrowser();
      if (random.chance(0.4)) browser.user = random.pick(["ursula", "victor"]);
      this.world.addPage(browser);
    }
    await this.world.advance(1_000);
    const steps = random.between(15, 40);
    for (let step = 0; step < steps && this.breaches.length === 0; step++) {
      const name = random.weighted({ ...weights, login: weights.login + 1, add: weights.add + 1 });
      this.#perform(name);
      if (random.chance(0.5)) await this.world.deliver(random.between(1, 40));
      if (random.chance(0.3)) await this.world.advance(random.pick([50, 400, 1_500, 6_000]));
      if (random.chance(0.01)) await this.world.advance(70_000);
      this.#look();
    }
    if (this.breaches.length > 0) return;
    await this.#rest();
    this.#look();
    await judge(this);
  }

  /** Until everything has found its end. */
  async #rest(): Promise<void> {
    const { world } = this;
    world.objects.killIn = 0;
    for (const browser of world.browsers) {
      if (browser.pages.length === 0) world.addPage(browser);
      for (const page of browser.pages) {
        world.setOnline(page, true);
        page.open();
      }
    }
    await world.advance(50_000);
    await world.advance(50_000);
    await world.advance(50_000);
  }

  #perform(name: keyof typeof WEIGHTS): void {
    const random = this.#random;
    const { world } = this;
    const browser = random.pick(world.browsers);
    const page = browser.pages.length > 0 ? random.pick(browser.pages) : undefined;
    const log = (what: string): void => {
      this.transcript.push(`${page?.label ?? this.#name(browser.session)}: ${what}`);
    };
    switch (name) {
      case "open":
        log("a new page");
        if (browser.pages.length < 3) world.addPage(browser);
        return;
      case "token":
        log("another user, and all pages anew");
        browser.user = random.pick([null, "ursula", "victor"]);
        for (const one of browser.pages) world.vanish(one);
        world.addPage(browser);
        return;
      case "evict":
      case "die": {
        const { awake } = world.objects;
        if (awake.length === 0) return;
        const instance = random.pick(awake);
        log(`${instance} is ${name === "evict" ? "evicted" : "killed"}`);
        world.objects.kill(instance, name === "evict");
        return;
      }
      case "arm":
        world.objects.killIn = random.between(1, 40);
        log(`who takes step ${world.objects.killIn} from now dies of it`);
        return;
    }
    if (!page) return;
    switch (name) {
      case "vanish":
        log("gone");
        world.vanish(page);
        return;
      case "online":
        log(page.environment.isOnline ? "offline" : "online");
        world.setOnline(page, !page.environment.isOnline);
        return;
      case "leave":
        log("its last component comes or goes");
        if (random.chance(0.5)) page.leave();
        else page.open();
        return;
      case "beside":
        this.#beside(page, log);
        return;
      default:
        this.#act(page, name, log);
    }
  }

  /** Something in the to-do list, as whoever is at the page sees it. */
  #act(page: LeaksPage, name: ActName, log: (what: string) => void): void {
    const random = this.#random;
    const shown = page.todos.getSnapshot();
    // Who sees nothing says nothing to anybody in particular.
    if (!shown.restored) return;
    const home = homeOf(page.browser.session, shown.state);
    const { session } = page.browser;
    log(`${name} as ${describe(home)}`);
    const actions = random.chance(0.3) ? page.foreseen : page.todos.actions;
    if (name === "login" || name === "slowLogin") {
      const id = random.pick(USERS);
      const theirs: Home = { type: "user", id };
      // What the old instance keeps until the move is over is looked at when nothing moves.
      const user = this.#canaryOf(`the name of ${id}`, theirs, {});
      user.canary.isDispensable = true;
      this.#names.add(user.canary);
      const answer = this.canaries.make({
        what: `the answer of ${name} as ${id}`,
        mayBeStored: (instance) =>
          instance === instanceOf(theirs) || instance === ownInstance(session),
        mayBeSent: (to) => to.session === session,
      });
      answer.canary.isDispensable = true;
      const login = { id, name: user.text, answer: answer.text };
      page.do(`${name} as ${id}`, undefined, actions[name](login));
      return;
    }
    if (name === "logout") {
      page.do(name, undefined, actions.logout(`guest ${++this.#labels}`));
      return;
    }
    if (name === "clear" || name === "close") {
      const deed = page.do(name, undefined, actions[name]());
      if (name === "clear") this.clears.push({ home, deed });
      return;
    }
    const { text, canary } = this.#canaryOf(`${name} by ${page.label} as ${describe(home)}`, home, {
      ...(name === "note" && { session }),
      ...(name === "hide" && { isHidden: true }),
      ...(name === "explode" && { isThrown: true }),
    });
    if (name === "hide" || name === "filter") canary.isDispensable = true;
    if (name === "slowAdd") canary.isSlow = true;
    if (name === "filter") {
      page.do(
        name,
        canary,
        page.todos.update((draft) => void (draft.filter = text)),
      );
    } else page.do(name, canary, actions[name](text));
  }

  #canaryOf(
    what: string,
    home: Home,
    { session, isHidden, isThrown }: { session?: string; isHidden?: boolean; isThrown?: boolean },
  ): { readonly text: string; readonly canary: Canary } {
    const at = instanceOf(home);
    const isAt = (instance: string): boolean => instance === at || made.canary.alsoAt.has(instance);
    const made = this.canaries.make({
      what,
      ...(isThrown === true && { isThrown }),
      mayBeStored: isAt,
      mayBeSent: (to: Onlooker) =>
        isAt(to.instance) && !isHidden && (session === undefined || session === to.session),
    });
    this.homes.set(made.canary, home);
    return made;
  }

  /** Something in one of the modules whose key is known. */
  #beside(page: LeaksPage, log: (what: string) => void): void {
    const { session, user } = page.browser;
    const write = (
      what: string,
      at: string,
      isOpen: boolean,
      act: (text: string) => Promise<unknown>,
    ): void => {
      const { text, canary } = this.canaries.make({
        what: `${what} by ${page.label}`,
        ...(at.startsWith("profile") && { mayBeKept: (who) => who === user }),
        mayBeStored: (instance) => instance === at,
        mayBeSent: (to) => to.instance === at && (isOpen || to.session === session),
      });
      log(`${what} in ${at}`);
      page.do(what, canary, act(text));
    };
    const room = instanceName("room", "room1");
    const { draft, profile } = page;
    switch (this.#random.between(0, 3)) {
      case 0:
        return write("write", instanceName("draft", session), false, draft.actions.write);
      case 1:
        if (user === null) return;
        return write("write", instanceName("profile", user), true, profile.actions.write);
      case 2:
        return write("write", room, false, page.room.actions.write);
      default:
        return write("say", room, true, page.room.actions.say);
    }
  }

  /** What is stored, and what is shown, must be where it is at every moment. */
  #look(): void {
    const { world } = this;
    for (const [name, instance] of world.objects.instances) {
      if (instance.sockets.size === 0 && world.clock.now - instance.lonelySince >= LONELY_MS - 1) {
        this.#lonely(name);
      }
      if (!instance.isDirty) continue;
      instance.isDirty = false;
      for (const { name: table } of instance.sql.run(TABLES)) {
        // What is on its way is looked at when it has arrived.
        if (table === "holdfast_moves" || table === "holdfast_place") continue;
        const rows = JSON.stringify(instance.sql.run(`SELECT * FROM ${String(table)}`));
        for (const canary of this.canaries.in(rows)) {
          if (!canary.mayBeStored(name)) {
            this.breach(`${canary.what} is stored in ${String(table)} of ${name}`);
          }
        }
      }
    }
    for (const browser of world.browsers) for (const page of browser.pages) this.#lookAt(page);
  }

  #lookAt(page: LeaksPage): void {
    const { restored, state } = page.todos.getSnapshot();
    if (!restored) return;
    const home = homeOf(page.browser.session, state);
    for (const canary of this.canaries.in(JSON.stringify(state))) {
      const theirs = this.homes.get(canary);
      const isRight =
        canary.alsoAt.has(instanceOf(home)) ||
        isSame(home, theirs) ||
        // What a guest does offline waits for the guest, whose state may be gone by then.
        (theirs?.type === "guest" &&
          instanceOf(home) === instanceOf(theirs) &&
          this.#renewed.has(instanceOf(theirs)) &&
          home.type === "guest" &&
          home.label === "") ||
        // What ran when its session moved ends where it began (rule 7).
        (canary.isSlow && theirs && instanceOf(home) === instanceOf(theirs));
      if (!isRight) this.breach(`${canary.what} is shown by ${page.label} to ${describe(home)}`);
    }
  }

  /** Nobody has been there for so long that what a session has without a key is gone by right. */
  #lonely(name: string): void {
    const key = parseInstanceName(name)?.key;
    if (!key?.startsWith("session:")) return;
    this.#renewed.add(name);
    for (const [canary, home] of this.homes) {
      if (home.type === "guest" && instanceOf(home) === name && canary.arrivedAt.size === 0) {
        canary.isDispensable = true;
      }
    }
  }

  #name(session: string): string {
    return session.slice(0, 4);
  }
}

const TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'holdfast%'";

const WEIGHTS = {
  login: 5,
  slowLogin: 2,
  logout: 3,
  add: 8,
  slowAdd: 3,
  note: 4,
  hide: 2,
  filter: 2,
  clear: 0.3,
  close: 0.1,
  refuse: 1,
  explode: 1,
  beside: 5,
  open: 2,
  vanish: 2,
  online: 3,
  leave: 1,
  token: 1,
  evict: 3,
  die: 1.5,
  arm: 3,
} as const;

type ActName =
  | "login"
  | "slowLogin"
  | "logout"
  | "add"
  | "slowAdd"
  | "note"
  | "hide"
  | "filter"
  | "clear"
  | "close"
  | "refuse"
  | "explode";
