import { isTerminalClose } from "@holdfast/protocol";
import type { Link } from "./link.ts";
import type { Page } from "./page.ts";
import type { Request } from "./page-environment.ts";
import type { PageSocket } from "@holdfast/server/internal/testing/app/page-socket";
import type { Actor } from "./server-actor.ts";
import type { Server } from "./server.ts";

/** One thing that may happen next; happens when it is called. */
export type Delivery = () => void;

interface Line {
  readonly link: Link;
  readonly page: Page;
  readonly socket: PageSocket<Link>;
}

export interface NetworkOptions {
  readonly server: Server<Actor>;
  readonly now: () => number;
  /** Rewrites what a page sends, on its way. */
  readonly translate: (page: Page, frame: string) => string;
  readonly log: (line: () => string) => void;
}

/** All that is on its way between pages and server. */
export class Network {
  readonly #options: NetworkOptions;
  #lines: Line[] = [];
  /** Half-open ones: nothing arrives on them any more. */
  readonly #black = new Set<Link>();
  readonly #swallowing = new Set<Page>();
  #requests: { readonly page: Page; readonly request: Request }[] = [];

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  connect(page: Page, socket: PageSocket<Link>, link: Link): void {
    this.#lines.push({ page, socket, link });
    link.sendUp({ type: "connect" });
  }

  request(page: Page, request: Request): void {
    if (!this.#swallowing.delete(page)) this.#requests.push({ page, request });
  }

  /** What the page has asked for, or asks for next, never arrives. */
  swallowRequest(page: Page): void {
    const before = this.#requests.length;
    this.#requests = this.#requests.filter((waiting) => waiting.page !== page);
    if (this.#requests.length === before) this.#swallowing.add(page);
  }

  /** The link that a page has or is about to have. */
  lineOf(page: Page): Link | undefined {
    const { socket } = page.environment;
    return socket && socket.readyState <= 1 ? socket.link : undefined;
  }

  /** What may happen next. */
  deliveries(): Delivery[] {
    const now = this.#options.now();
    const deliveries: Delivery[] = [];
    for (const { link } of this.#lines) if (link.isBlack) this.#black.add(link);
    this.#lines = this.#lines.filter(({ link }) => !link.isOver);
    for (const line of this.#lines) {
      if (line.link.upReady(now)) deliveries.push(() => this.#deliverUp(line));
      const { environment } = line.page;
      if (line.link.downReady(now) && !environment.isAsleep) {
        deliveries.push(() => this.#deliverDown(line));
      }
    }
    for (const waiting of this.#requests) {
      if (!waiting.page.environment.isAsleep) deliveries.push(() => this.#answer(waiting));
    }
    if (this.#options.server.holds) deliveries.push(() => this.#options.server.flush());
    return deliveries;
  }

  /** Nothing is held back any more; and of links that are half-open the platform hears in the end. */
  heal(): void {
    for (const { link } of this.#lines) {
      if (link.isBlack) this.#black.add(link);
      else link.heal();
    }
    for (const link of this.#black) {
      this.#options.server.receive(link, { type: "close", code: 1006, reason: "", notBefore: 0 });
    }
  }

  #deliverUp({ link, page }: Line): void {
    const { server, translate, log } = this.#options;
    const item = link.takeUp();
    log(() => `${link.name} ▲ ${show(item)}`);
    if (item.type === "frame") {
      server.receive(link, { ...item, text: translate(page, item.text) });
    } else if (item.type === "connect" && !page.environment.isOnline) {
      link.sendDown({ type: "refused" });
    } else {
      server.receive(link, item);
    }
  }

  #deliverDown({ link, page, socket }: Line): void {
    const item = link.takeDown();
    this.#options.log(() => `${link.name} ▼ ${show(item)}`);
    if (page.isGone) return;
    if (socket === page.environment.socket) {
      if (item.type !== "frame") page.oracle.disconnect();
      else if (socket.isHeard) page.oracle.receive(item.text);
    }
    if (item.type === "close" && isTerminalClose(item.code)) page.environment.closedForGood();
    socket.deliver(item);
  }

  #answer(waiting: { readonly page: Page; readonly request: Request }): void {
    this.#requests.splice(this.#requests.indexOf(waiting), 1);
    const isAnswered = waiting.page.environment.isOnline && this.#options.server.isReachable;
    this.#options.log(() => `${waiting.page.label} session ${isAnswered ? "" : "not "}minted`);
    if (isAnswered) waiting.request.respond(new Response(null, { status: 204 }));
    else waiting.request.fail();
  }
}

function show(item: {
  readonly type: string;
  readonly text?: string;
  readonly code?: number;
}): string {
  return item.text ?? `${item.type}${item.code === undefined ? "" : ` ${item.code}`}`;
}
