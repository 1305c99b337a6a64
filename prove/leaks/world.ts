import { DEFAULT_LIMITS, HoldfastError } from "@holdfast/protocol";
import { reach } from "@holdfast/server/internal/cloudflare/reach";
import { closeWith } from "@holdfast/server/internal/host/close";
import { resolveKey } from "@holdfast/server/internal/module/key-strategy";
import type { Random } from "@holdfast/testing/random";
import { Clock } from "@holdfast/server/internal/testing/app/clock";
import { Link } from "@holdfast/testing/world/link";
import type { Request } from "@holdfast/testing/world/page-environment";
import type { PageSocket } from "@holdfast/server/internal/testing/app/page-socket";
import { modules } from "./app.ts";
import { FakeKeyRange } from "./browser-storage.ts";
import { LeaksObjects, type ObjectsParts } from "./objects.ts";
import { Browser, LeaksPage } from "./page.ts";
import type { ServerSocket } from "./server-socket.ts";

/** What the world tells of itself. */
export interface Watch extends Pick<
  ObjectsParts,
  "onSend" | "onReport" | "onAbort" | "onAdoption"
> {
  /** A page has sent a frame, and it has arrived. */
  readonly onReceive: (socket: ServerSocket, frame: string) => void;
  readonly onText: (page: LeaksPage, what: string, text: string) => void;
}

interface Line {
  readonly page: LeaksPage;
  readonly socket: PageSocket;
  readonly link: Link;
  server: ServerSocket | undefined;
  isConnecting: boolean;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Browsers, the Worker and the objects behind it: nothing moves but by `deliver`, in an order that a
 * seed determines.
 */
export class LeaksWorld {
  readonly clock: Clock = new Clock();
  readonly objects: LeaksObjects;
  readonly browsers: Browser[] = [];
  readonly #random: Random;
  readonly #watch: Watch;
  #lines: Line[] = [];
  /** What happens when its turn comes. */
  readonly #waiting = new Set<() => void>();
  #pages = 0;

  constructor(random: Random, watch: Watch) {
    this.#random = random;
    this.#watch = watch;
    Object.assign(globalThis, { IDBKeyRange: FakeKeyRange });
    this.objects = new LeaksObjects({
      ...watch,
      modules,
      clock: this.clock,
      token: (length) => this.#token(length),
      hop: () => new Promise((resolve) => this.#later(resolve)),
      arriving: (inFlight) => random.between(0, inFlight),
    });
  }

  addBrowser(): Browser {
    const browser = new Browser(this.#token(22));
    this.browsers.push(browser);
    return browser;
  }

  addPage(browser: Browser): LeaksPage {
    const page: LeaksPage = new LeaksPage({
      browser,
      label: `page ${++this.#pages} of ${browser.session.slice(0, 4)}`,
      surroundings: {
        clock: this.clock,
        random: this.#random.fork(),
        connect: (socket) => this.#connect(page, socket),
        request: (request) => this.#later(() => answer(page, request)),
      },
      later: (callback) => this.#later(callback),
      onText: (what, text) => this.#watch.onText(page, what, text),
    });
    browser.pages.push(page);
    page.open();
    return page;
  }

  /** The tab is gone; what it had sent may still arrive. */
  vanish(page: LeaksPage): void {
    page.vanish();
    for (const { page: owner, link } of this.#lines) {
      if (owner !== page) continue;
      link.cut({ up: this.#random.between(0, link.inFlight.up), down: 0, heardAt: 0 });
    }
  }

  setOnline(page: LeaksPage, isOnline: boolean): void {
    page.environment.setOnline(isOnline);
    if (isOnline) return;
    for (const { page: owner, link } of this.#lines) {
      if (owner !== page) continue;
      link.cut({
        up: this.#random.between(0, link.inFlight.up),
        down: this.#random.between(0, link.inFlight.down),
        heardAt: this.clock.now + this.#random.between(0, 3_000),
      });
    }
  }

  /** Lets up to so many things happen, in no time. False when nothing was left to happen. */
  async deliver(most: number): Promise<boolean> {
    for (let count = 0; count < most; count++) {
      await settled();
      const next = this.#deliveries();
      if (next.length === 0) return false;
      this.#random.pick(next)();
    }
    await settled();
    return true;
  }

  /** Lets time pass, and all that is due in it happen. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now + ms;
    for (;;) {
      while (await this.deliver(100));
      const next = Math.min(this.clock.next ?? Infinity, this.objects.alarm?.at ?? Infinity);
      if (next > end) break;
      this.clock.now = Math.max(this.clock.now, next);
      while (this.clock.ring());
      const { alarm } = this.objects;
      if (alarm && alarm.at <= this.clock.now) alarm.ring();
    }
    this.clock.now = end;
  }

  #connect(page: LeaksPage, socket: PageSocket): Link {
    const link = new Link(page.label, page.browser.principal);
    link.sendUp({ type: "connect" });
    this.#lines.push({ page, socket, link, server: undefined, isConnecting: false });
    return link;
  }

  #deliveries(): (() => void)[] {
    const { now } = this.clock;
    this.#lines = this.#lines.filter(({ link, isConnecting }) => isConnecting || !link.isOver);
    const deliveries: (() => void)[] = [];
    for (const line of this.#lines) {
      const { link, page, socket } = line;
      if (!line.isConnecting && link.upReady(now)) deliveries.push(() => this.#takeUp(line));
      if (link.downReady(now)) {
        deliveries.push(() => {
          const item = link.takeDown();
          if (!page.isGone) socket.deliver(item);
        });
      }
    }
    for (const work of this.#waiting) {
      deliveries.push(() => {
        this.#waiting.delete(work);
        work();
      });
    }
    return deliveries;
  }

  #takeUp(line: Line): void {
    const { link, page } = line;
    const item = link.takeUp();
    if (item.type === "connect") {
      if (!page.environment.isOnline) return link.sendDown({ type: "refused" });
      line.isConnecting = true;
      void this.#admit(line).finally(() => (line.isConnecting = false));
    } else if (line.server) {
      if (item.type === "frame") {
        this.#watch.onReceive(line.server, item.text);
        this.objects.receive(line.server, item.text);
      } else this.objects.closed(line.server);
    }
  }

  /** As the Worker does it. */
  async #admit(line: Line): Promise<void> {
    const { link, page, socket } = line;
    const { session, user: id, principal } = page.browser;
    const user = id === null ? null : { id };
    const url = new URL(socket.url);
    const module = url.pathname.split("/").at(-1) as keyof typeof modules;
    try {
      const key = await resolveKey(
        modules[module].strategy,
        url.searchParams.get("key"),
        { session: { id: session }, user, env: {} },
        DEFAULT_LIMITS,
      );
      const identity = { principal, session, user, expires: undefined, generation: 0 };
      const objects = this.objects.forLink(link);
      const response = await reach(objects, { module, key, identity, protocol: undefined });
      // What the objects of this world answer with.
      line.server = (response as unknown as { socket: ServerSocket }).socket;
    } catch (error) {
      const refusal =
        error instanceof HoldfastError ? error : new HoldfastError("INTERNAL", "Try again.");
      link.sendDown({ type: "open" });
      closeWith(
        {
          send: (text) => link.sendDown({ type: "frame", text }),
          close: (code, reason) => link.sendDown({ type: "close", code, reason }),
        },
        refusal,
      );
    }
  }

  #later(work: () => void): void {
    this.#waiting.add(work);
  }

  #token(length: number): string {
    let token = "";
    while (token.length < length) token += ALPHABET.charAt(this.#random.between(0, 63));
    return token;
  }
}

function answer(page: LeaksPage, { respond, fail }: Request): void {
  if (page.environment.isOnline) respond(new Response(null, { status: 204 }));
  else fail();
}

/** Everything that needs nothing but microtasks has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
