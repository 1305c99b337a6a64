import { type Limits, OLDEST_PROTOCOL, PROTOCOL_VERSION } from "@holdfast/protocol";
import { sessionIdentity } from "@holdfast/server/internal/host/connection";
import { createBoard } from "./board.ts";
import { Clock } from "@holdfast/server/internal/testing/app/clock";
import { Disk } from "./disk.ts";
import type { Board } from "./edits.ts";
import { HostActor } from "./host-actor.ts";
import { Historian, HISTORIAN, isTick } from "./historian.ts";
import { limitsOf } from "./limits.ts";
import { Link } from "./link.ts";
import { Network } from "./network.ts";
import { lastEntryOf } from "./order.ts";
import { Page } from "./page.ts";
import type { PageSocket } from "@holdfast/server/internal/testing/app/page-socket";
import { Random } from "../random.ts";
import { SendAudit } from "./send-audit.ts";
import type { Ground } from "./server-actor.ts";
import type { ServerSocket } from "./server-end.ts";
import { ServerHistory, type Version } from "./server-history.ts";
import { Server } from "./server.ts";
import type { Script } from "./step.ts";

/** Something that must not be. */
export interface Breach {
  readonly what: string;
  /** The number of the step in which it was noticed; those of the healing come last. */
  readonly step: number;
}

/** A copy of the disk, and what it is a copy of. */
interface Backup {
  readonly copy: Uint8Array;
  readonly head: Version;
}

/**
 * A server, its disk, the network, and the pages around them: everything real but time, chance,
 * network and platform. Nothing happens by itself, and everything that happens follows from the
 * script: the same script, the same history, to the last byte.
 */
export class World {
  readonly clock: Clock = new Clock();
  readonly limits: Limits;
  readonly disk: Disk;
  readonly server: Server<HostActor>;
  readonly history: ServerHistory;
  readonly historian: Historian;
  readonly network: Network;
  readonly pages: Page[] = [];
  readonly breaches: Breach[] = [];
  /** What happened, for a person; filled only where somebody wants to read it. */
  readonly transcript: string[] | undefined;
  /** What happens next is drawn from here; every step brings its own. */
  random: Random;
  step: number = -1;
  /** How far the server's clock is ahead of the world's. */
  serverSkew = 0;
  /** How long nobody answers when the process dies by plan. */
  downFor = 0;
  /** Writes that were to fail, until now. */
  failures = 0;
  deaths = 0;
  /** How often other code was deployed. */
  deploys = 0;
  backup: Backup | undefined;
  /** A backup was brought back. */
  wentBack = false;
  readonly #clients = new Set<string>();
  readonly #audit: SendAudit;
  readonly #owners = new Map<Link, Page>();
  readonly #old = new Set<Page>();
  /** Pages show their users to each other. */
  readonly showsUsers: boolean;
  #tokens = 0;
  #links = 0;

  constructor(script: Script, options: { readonly transcript?: boolean } = {}) {
    this.transcript = options.transcript ? [] : undefined;
    this.random = new Random(script.seed);
    this.limits = limitsOf(script);
    this.showsUsers = script.steps.some(({ type }) => type === "show");
    this.disk = new Disk(script.durability);
    const breach = (what: string): void => this.breach(what);
    this.history = new ServerHistory(this.limits.resumeVersions, breach);
    this.#audit = new SendAudit({
      disk: this.disk,
      limits: this.limits,
      clients: this.#clients,
      actionOf: ({ client, seq }) => {
        if (client.startsWith(HISTORIAN)) return isTick(seq) ? "edit" : "peek";
        return this.pages.find(({ clients }) => clients.includes(client))?.nameOf(client, seq);
      },
      // What is cut into chunks is sent later than it was said, when the reader has seen the rest.
      isWaitedFor: () => script.limits === "tight" || this.server.isWriting,
      pageOf: (socket) => this.#labelOf(socket),
      onCommit: (commit) => this.history.overhear(commit, this.disk.event),
      breach,
    });
    this.server = this.#createServer();
    this.historian = new Historian(this);
    this.network = new Network({
      server: this.server,
      now: () => this.clock.now,
      translate: (page, frame) => (this.#old.has(page) ? asOldClient(frame) : frame),
      log: (line) => this.log(line),
    });
  }

  /** The server's process starts, if there is none. */
  wake(): void {
    this.server.wake((actor) => actor.wake());
  }

  /** Pages that are there and speak the protocol. */
  get livePages(): Page[] {
    return this.pages.filter((page) => !page.isGone && !this.#old.has(page));
  }

  get oldPages(): Page[] {
    return [...this.#old];
  }

  /** The disk went back to `head`: whatever is not in there was done in vain. */
  undoWhatIsNotIn(head: Version): void {
    // The state of the world's only module.
    const { ledger } = head.state as unknown as Board;
    for (const { actions } of this.pages) {
      for (const action of actions) {
        // What was refused is known to nobody any more, and may be sent again before what is open.
        if (action.outcome.type === "rejected") action.isUndone = true;
        if (action.outcome.type === "resolved")
          action.isUndone ||= !ledger.includes(lastEntryOf(action.order));
      }
    }
  }

  breach(what: string): void {
    this.breaches.push({ what, step: this.step });
    this.log(() => `✗ ${what}`);
  }

  log(line: () => string): void {
    this.transcript?.push(`${String(this.clock.now - 1_800_000_000_000).padStart(7)} ${line()}`);
  }

  addPage(principal: string, kind: "page" | "old client" = "page"): Page {
    const page: Page = new Page({
      label: `p${this.pages.length + 1}`,
      principal,
      limits: this.limits,
      history: this.history,
      rendered: this.#render(principal),
      takesPart: this.showsUsers && kind === "page",
      breach: (what) => this.breach(what),
      onClient: (client) => this.#clients.add(client),
      surroundings: {
        clock: this.clock,
        // Apart from the world's, so that a page's jitter does not move the network's choices.
        random: new Random(this.pages.length + 1),
        connect: (socket) => this.#connect(page, socket),
        request: (request) => this.network.request(page, request),
      },
    });
    this.pages.push(page);
    if (kind === "old client") this.#old.add(page);
    page.open();
    return page;
  }

  /** A link that no page has: the test is at its other end. */
  addLink(principal: string): Link {
    return new Link(principal, principal);
  }

  /** Everything that may happen at this moment, alarms included. */
  possibilities(): (() => void)[] {
    const possible = this.network.deliveries();
    const { next } = this.clock;
    if (next !== undefined && next <= this.clock.now) possible.push(() => this.clock.ring());
    return possible;
  }

  /** One of the things that may happen does. */
  async happen(): Promise<boolean> {
    const possible = this.possibilities();
    if (possible.length === 0) return false;
    this.random.pick(possible)();
    await this.settle();
    return true;
  }

  /** Lets everything run that waits for nothing but its turn, and looks at what is shown. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.server.endAwaits();
    for (const page of this.pages) if (!this.#old.has(page)) page.verify();
  }

  dispose(): void {
    for (const page of this.pages) page.dispose();
    this.disk.close();
  }

  /** Some pages come rendered with the state as it was when somebody asked for them. */
  #render(principal: string): string | undefined {
    const { server, pages } = this;
    if (!server.isReachable || server.holds || pages.length % 3 > 0) return undefined;
    return server.actor?.host?.snapshot(sessionIdentity(principal));
  }

  #createServer(): Server<HostActor> {
    return new Server({
      disk: this.disk,
      now: () => this.clock.now + this.serverSkew,
      after: (milliseconds, callback) => {
        const alarm = this.clock.set(this.clock.now + milliseconds, callback);
        return () => this.clock.clear(alarm);
      },
      begin: (ground) => this.#createHost(ground),
      survivors: (inFlight) => this.random.between(0, inFlight),
      watcher: {
        sending: (socket, output) => this.#audit.sending(socket, output),
        handled: ({ host }) => {
          if (host) this.history.observe(host, this.disk.event);
        },
        died: (durable) => this.#died(durable),
        threw: (error) => this.breach(`A handler threw ${String(error)}`),
      },
    });
  }

  #createHost(ground: Ground): HostActor {
    const isHeard = (): boolean => !this.server.isDying && !ground.process.isGone;
    return new HostActor(
      {
        module: createBoard(this.deploys, this.showsUsers),
        name: "board",
        limits: this.limits,
        now: () => this.clock.now + this.serverSkew,
        token: (length) => (this.#tokens++).toString(36).padStart(length, "0"),
        watcher: {
          restored: (host) => this.history.observe(host, this.disk.event),
          reported: (error, what) => {
            if (isHeard()) this.#reported(error, what);
          },
          broken: (reason, error) => {
            if (isHeard()) this.breach(`The host is broken: ${reason} ${String(error ?? "")}`);
          },
        },
      },
      ground,
    );
  }

  #connect(page: Page, socket: PageSocket<Link>): Link {
    const link = new Link(`${page.label}/${++this.#links}`, page.principal);
    this.#owners.set(link, page);
    this.network.connect(page, socket, link);
    return link;
  }

  #labelOf(socket: ServerSocket): string {
    return this.#owners.get(socket.link)?.label ?? socket.link.principal;
  }

  #died(durable: number): void {
    this.deaths++;
    this.log(() => "the process died");
    this.history.forgetAfter(durable);
    this.#audit.restart();
    if (this.downFor > 0) this.server.stayDown(this.downFor);
    this.downFor = 0;
    // What was durable at once may be known to somebody, though nobody saw the event's end.
    if (this.disk.durability === "each statement") this.wake();
  }

  #reported(error: unknown, what: string): void {
    this.log(() => `report: ${what}: ${String(error)}`);
    if (error instanceof TypeError && /^The action "(edit|serial|loose)" threw/.test(what)) return;
    if (this.failures > 0 && /write failed|checkpoint failed|not be restored/.test(what)) return;
    this.breach(`The operator is told: ${what}: ${String(error)}`);
  }
}

/** A protocol number that is served no more. */
function asOldClient(frame: string): string {
  return frame.replace(`"protocol":${PROTOCOL_VERSION}`, `"protocol":${OLDEST_PROTOCOL - 1}`);
}
