import { DEFAULT_LIMITS, type Limits } from "@holdfast/protocol";
import { Journal } from "@holdfast/server/internal/storage/journal";
import { Random } from "@holdfast/testing/random";
import { Clock } from "@holdfast/server/internal/testing/app/clock";
import { Disk } from "@holdfast/testing/world/disk";
import { HostActor } from "@holdfast/testing/world/host-actor";
import { Link } from "@holdfast/testing/world/link";
import { PageEnvironment, type Request } from "@holdfast/testing/world/page-environment";
import type { PageSocket } from "@holdfast/server/internal/testing/app/page-socket";
import { Server } from "@holdfast/testing/world/server";
import { type Place, streamModule, type StreamState } from "./streams-module.ts";
import { SECRET, StreamOracle } from "./streams-oracle.ts";
import { StreamPage } from "./streams-page.ts";

interface Line {
  readonly page: StreamPage;
  readonly socket: PageSocket<Link>;
  readonly link: Link;
}

const LIMITS: Limits = { ...DEFAULT_LIMITS, ratePerSecond: 1e9, rateBurst: 1e9 };
/** So small that short texts meet them all. */
const TIGHT: Limits = {
  ...LIMITS,
  frameOutBytes: 1_000,
  seenEveryBytes: 300,
  unseenBytes: 2_000,
  streamStoreText: 60,
  resumeVersions: 8,
  checkpointCommits: 6,
  checkpointCommitsPerPart: 1,
};
/** So seldom stored that readers are back before what they had seen is durable. */
const SELDOM: Limits = { ...LIMITS, streamStoreMs: 30_000 };

/** A server, its disk, its network and pages that show streams; all of it follows from the seed. */
export class StreamWorld {
  readonly random: Random;
  readonly clock: Clock = new Clock();
  readonly oracle: StreamOracle = new StreamOracle();
  readonly disk: Disk;
  readonly server: Server<HostActor>;
  readonly limits: Limits;
  readonly pages: StreamPage[] = [];
  /** Writes are to fail. */
  isFaulty = false;
  #lines: Line[] = [];
  #requests: { readonly page: StreamPage; readonly request: Request }[] = [];
  #tokens = 0;
  #failure: Error | undefined;
  #runs = 0;
  /** What the operator was told last. */
  #last = "";

  constructor(seed: number) {
    this.random = new Random(seed);
    this.limits = this.random.pick([TIGHT, TIGHT, TIGHT, LIMITS, LIMITS, SELDOM]);
    this.disk = new Disk(this.random.pick(["each event", "each statement"] as const));
    const module = streamModule(this.oracle);
    this.server = new Server({
      disk: this.disk,
      now: () => this.clock.now,
      after: (milliseconds, callback) => {
        const alarm = this.clock.set(this.clock.now + milliseconds, callback);
        return () => this.clock.clear(alarm);
      },
      begin: (ground) =>
        new HostActor(
          {
            module,
            name: "streams",
            limits: this.limits,
            now: () => this.clock.now,
            token: (length) => (this.#tokens++).toString(36).padStart(length, "0"),
            watcher: {
              restored: () => {},
              reported: (error, what) => {
                if (!ground.process.isGone) this.#reported(error, what);
              },
              broken: (reason) => {
                // A write that fails when all of it is written leaves nothing to go on from.
                if (this.isFaulty || this.server.isDying || ground.process.isGone) return;
                this.fail(`broken: ${reason} ${this.#last}`);
              },
            },
          },
          ground,
        ),
      survivors: (inFlight) => this.random.between(0, inFlight),
      watcher: {
        sending: ({ link }, output) => {
          if (output.type !== "frame" || link.principal === "owner") return;
          if (output.text.includes(SECRET))
            this.fail(`[G15] on the wire of ${link.name}: ${output.text}`);
        },
        handled: () => {},
        died: () => {
          this.isFaulty = false;
          this.lost();
        },
        threw: (error) => this.fail(`a handler threw ${String(error)}`),
      },
    });
  }

  /** The server's memory is gone. */
  lost(): void {
    this.oracle.losses++;
  }

  fail(what: string): void {
    this.#failure ??= new Error(what);
  }

  addPage(): StreamPage {
    const principal = this.random.pick(["owner", "guest", "visitor"]);
    const label = `p${this.pages.length + 1} (${principal})`;
    const environment: PageEnvironment = new PageEnvironment({
      clock: this.clock,
      random: new Random(this.pages.length + 1),
      connect: (socket) => {
        const link = new Link(`${label}/${this.#lines.length}`, principal);
        this.#lines.push({ page, socket, link });
        link.sendUp({ type: "connect" });
        return link;
      },
      request: (request) => this.#requests.push({ page, request }),
      named: () => {},
      report: (message) => this.fail(`${label} reports: ${message}`),
    });
    const { limits, oracle } = this;
    const page = new StreamPage({
      label,
      principal,
      environment,
      limits,
      oracle,
      fail: (what) => this.fail(what),
    });
    this.pages.push(page);
    return page;
  }

  /** Links that are there: something can be done to them. */
  get links(): Link[] {
    return this.#lines.map(({ link }) => link).filter((link) => !link.isOver);
  }

  /** Nothing more can come of any page by itself. */
  get isAtRest(): boolean {
    return (
      this.server.isIdle &&
      this.livePages.every((page) => {
        const { socket } = page.environment;
        // Half-open, and not noticed yet.
        return page.isAtRest && !socket?.link.isBlack;
      })
    );
  }

  get livePages(): StreamPage[] {
    return this.pages.filter(({ isGone }) => !isGone);
  }

  nextRun(): number {
    return ++this.#runs;
  }

  place(): Place {
    return this.random.pick<Place>(["plain", "plain", "secret", "item 0", "item 1"]);
  }

  heal(): void {
    this.server.heal();
    for (const { link } of this.#lines) link.heal();
    for (const { environment } of this.livePages) environment.wake();
  }

  /** One of the things that may happen now does. */
  async happen(): Promise<boolean> {
    const possible = this.#possible();
    if (possible.length === 0) return false;
    this.random.pick(possible)();
    await this.settle();
    return true;
  }

  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.server.endAwaits();
    for (const page of this.pages) page.verify();
    if (this.#failure) throw this.#failure;
  }

  /** What a server that wakes now would have. */
  stored(): StreamState {
    const journal = Journal.open(this.disk, { limits: this.limits, now: () => 0, epoch: "" });
    const state = journal.restore() ?? streamModule(this.oracle).initial;
    // The state of the world's only module.
    return state as unknown as StreamState;
  }

  dispose(): void {
    for (const page of this.pages) page.close();
    this.disk.close();
  }

  #possible(): (() => void)[] {
    const { now, next } = this.clock;
    const possible: (() => void)[] = [];
    this.#lines = this.#lines.filter(({ link }) => !link.isOver);
    for (const { page, socket, link } of this.#lines) {
      if (link.upReady(now)) {
        possible.push(() => {
          const item = link.takeUp();
          if (item.type === "connect") page.connected();
          this.server.receive(link, item);
        });
      }
      if (link.downReady(now) && !page.environment.isAsleep) {
        possible.push(() => {
          const item = link.takeDown();
          if (!page.isGone) socket.deliver(item);
        });
      }
    }
    for (const waiting of this.#requests) {
      possible.push(() => {
        this.#requests.splice(this.#requests.indexOf(waiting), 1);
        waiting.request.respond(new Response(null, { status: 204 }));
      });
    }
    if (this.server.holds) possible.push(() => this.server.flush());
    if (next !== undefined && next <= now) possible.push(() => this.clock.ring());
    return possible;
  }

  #reported(error: unknown, what: string): void {
    this.#last = error instanceof Error ? String(error.cause ?? error.stack) : String(error);
    if (this.isFaulty || this.server.isDying) return;
    if (/SLOW_READER/.test(String(error))) return;
    this.fail(`the operator is told: ${what}: ${String(error)}`);
  }
}
