import { PING_FRAME, PONG_FRAME } from "@holdfast/protocol";
import type { Disk } from "./disk.ts";
import type { Link, UpItem } from "./link.ts";
import type { Actor, Ground } from "./server-actor.ts";
import { type Output, ServerEnd, ServerSocket } from "./server-end.ts";
import { ServerProcess } from "./server-process.ts";

export interface ServerOptions<Runs extends Actor> {
  readonly disk: Disk;
  readonly now: () => number;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  /** What runs in a new process. */
  readonly begin: (ground: Ground) => Runs;
  /** How much of what is on its way to a page still arrives when the process dies. */
  readonly survivors: (inFlight: number) => number;
  readonly watcher: ServerWatcher<Runs>;
}

/** Sees what the server does; changes nothing. */
export interface ServerWatcher<Runs extends Actor> {
  /** The process sends; what it wrote before is in its storage. */
  sending(socket: ServerSocket, output: Output): void;
  /** An event was handled to its end. */
  handled(actor: Runs): void;
  /** The process died: of what it wrote, the events up to `durable` are left. */
  died(durable: number): void;
  /** A handler threw. */
  threw(error: unknown): void;
}

/**
 * A Durable Object, or a process of Node, as far as one instance sees of it: sockets that outlive what
 * runs, a disk behind an output gate, one event after another (DESIGN 7). `conformance.ts` holds it
 * against workerd.
 */
export class Server<Runs extends Actor> {
  readonly #options: ServerOptions<Runs>;
  #actor: Runs | undefined;
  #process: ServerProcess;
  /** The sockets that the platform holds, hibernating or not, in the order of their coming. */
  readonly #sockets = new Map<Link, ServerSocket>();
  /** What this process knows of them. */
  readonly #ends = new Map<ServerSocket, ServerEnd>();
  /** What was sent behind a write that is not durable yet, in order. */
  #held: { readonly event: number; readonly socket: ServerSocket; readonly output: Output }[] = [];
  #isDying = false;
  #sendsToDeath: number | undefined;
  /** Nobody answers before. */
  #downUntil = 0;

  constructor(options: ServerOptions<Runs>) {
    this.#options = options;
    this.#process = this.#begin();
    options.disk.onDeath = () => (this.#isDying = true);
  }

  /** Nothing runs, and nothing will run by itself. */
  get isIdle(): boolean {
    return !this.#actor?.isBusy && this.#process.timers === 0;
  }

  /** What runs in the process at hand, if there is one. */
  get actor(): Runs | undefined {
    return this.#actor;
  }

  /** The process is about to be gone: nobody hears of what it still does. */
  get isDying(): boolean {
    return this.#isDying;
  }

  /** Whether a handler has written what it has not published yet. */
  get isWriting(): boolean {
    return this.#process.isWriting;
  }

  get sockets(): readonly ServerSocket[] {
    return [...this.#sockets.values()];
  }

  get isReachable(): boolean {
    return this.#options.now() >= this.#downUntil;
  }

  /** Whether something waits behind the output gate. */
  get holds(): boolean {
    const { disk } = this.#options;
    return disk.durable < disk.event;
  }

  /** The next write becomes durable, and what waited for it goes out. */
  flush(): void {
    const { disk } = this.#options;
    disk.flush();
    while (this.#held[0] && this.#held[0].event <= disk.durable) {
      const { socket, output } = this.#held[0];
      this.#held.shift();
      this.#release(socket, output);
    }
  }

  flushAll(): void {
    while (this.holds) this.flush();
  }

  /** The network hands something over. */
  receive(link: Link, item: UpItem): void {
    if (item.type === "connect") this.#upgrade(link);
    else this.#incoming(link, item);
  }

  /**
   * Memory goes, sockets stay: what the platform does ten seconds after the last event, unless an
   * event is still being handled or a timer is set.
   */
  hibernate(): void {
    if (this.isIdle) this.swap();
  }

  /** Memory goes, and what runs in it; sockets stay: other code in development. */
  swap(): void {
    this.flushAll();
    this.#forget();
  }

  /** Memory and sockets go, in good order: a deploy. */
  evict(): void {
    this.flushAll();
    this.#dropSockets((inFlight) => inFlight);
    this.#forget();
  }

  /** An event that nobody sent; a process starts, if there is none. */
  wake(work: (actor: Runs) => void): void {
    this.#handle(() => work(this.#running()));
  }

  /** The process dies between two events. */
  kill(): void {
    this.#isDying = true;
    this.#bury();
  }

  /** The process dies instead of its `after`th send from now. */
  dieAtSend(after: number): void {
    this.#sendsToDeath = after;
  }

  /** Nobody answers for so long. */
  stayDown(milliseconds: number): void {
    this.#downUntil = this.#options.now() + milliseconds;
  }

  /** No planned fault is left, and whoever asks is answered. */
  heal(): void {
    this.#options.disk.plan(undefined);
    this.#sendsToDeath = undefined;
    this.#downUntil = 0;
  }

  #upgrade(link: Link): void {
    if (!this.isReachable) {
      link.sendDown({ type: "refused" });
      return;
    }
    this.#handle(() => {
      const socket = new ServerSocket(link);
      this.#sockets.set(link, socket);
      // The page's end opens when the answer to the upgrade has gone out, before any frame.
      link.sendDown({ type: "open" });
      this.#running().connect(this.#endOf(socket));
    });
  }

  #incoming(link: Link, item: Exclude<UpItem, { type: "connect" }>): void {
    const socket = this.#sockets.get(link);
    if (!socket) return;
    if (item.type === "close") {
      this.#handle(() => {
        const end = this.#endOf(socket);
        this.#sockets.delete(link);
        this.#ends.delete(socket);
        // A close wakes what hibernates, like every other event.
        this.#running().closed(end);
        const code = item.code === 1005 || item.code === 1006 ? 1000 : item.code;
        this.#output(socket, { type: "close", code, reason: item.reason });
      });
    } else if (item.text === PING_FRAME) {
      // The platform answers, without waking anybody.
      if (!socket.isClosed) link.sendDown({ type: "frame", text: PONG_FRAME });
    } else {
      // Also on a socket that was closed from here: what the peer sent before it heard of that.
      this.#handle(() => {
        this.#running().message(this.#endOf(socket), item.text);
      });
    }
  }

  /** One event, from its beginning to its end, or to the death of the process. */
  #handle(work: () => void): void {
    const { watcher } = this.#options;
    try {
      work();
    } catch (error) {
      if (!this.#isDying) watcher.threw(error);
    }
    this.#endEvent();
  }

  /** What handlers did behind their awaits, since the last event, is an event of its own. */
  endAwaits(): void {
    if (this.#isDying || this.#process.hasActed) this.#endEvent();
    this.#process.endAwaits();
  }

  #endEvent(): void {
    const { disk, watcher } = this.#options;
    disk.endEvent();
    this.#process.hasActed = false;
    if (this.#isDying) this.#bury();
    else if (this.#actor) watcher.handled(this.#actor);
    // The watcher asks the host, which is no deed of its own.
    this.#process.hasActed = false;
  }

  #begin(): ServerProcess {
    const { disk, after } = this.#options;
    return new ServerProcess({ disk, after, handle: (work) => this.#handle(work) });
  }

  /** The process is gone, whatever still runs in it: a dead one's promises come to nothing. */
  #forget(): void {
    this.#process.isGone = true;
    this.#process = this.#begin();
    this.#actor = undefined;
    this.#ends.clear();
  }

  #running(): Runs {
    return (this.#actor ??= this.#options.begin({
      process: this.#process,
      sockets: () =>
        [...this.#sockets.values()]
          .filter(({ isClosed }) => !isClosed)
          .map((socket) => this.#endOf(socket)),
      abort: () => {
        this.#isDying = true;
        this.#options.disk.die();
      },
    }));
  }

  #endOf(socket: ServerSocket): ServerEnd {
    let end = this.#ends.get(socket);
    if (!end) {
      const process = this.#process;
      end = new ServerEnd(socket, (to, output) => {
        if (process.isGone) return;
        process.hasActed = true;
        this.#output(to, output);
      });
      this.#ends.set(socket, end);
    }
    return end;
  }

  #output(socket: ServerSocket, output: Output): void {
    const { disk, watcher } = this.#options;
    if (this.#isDying || socket.isClosed) return;
    if (this.#sendsToDeath !== undefined && output.type === "frame" && this.#sendsToDeath-- <= 0) {
      this.#sendsToDeath = undefined;
      this.#isDying = true;
      disk.die();
      return;
    }
    watcher.sending(socket, output);
    if (output.type === "close") socket.isClosed = true;
    if (this.holds || this.#held.length > 0) this.#held.push({ event: disk.event, socket, output });
    else this.#release(socket, output);
  }

  #release(socket: ServerSocket, output: Output): void {
    socket.link.sendDown(output);
  }

  #bury(): void {
    const { disk, watcher, survivors } = this.#options;
    this.#forget();
    this.#held = [];
    this.#sendsToDeath = undefined;
    disk.plan(undefined);
    const { durable } = disk;
    disk.recover();
    this.#dropSockets(survivors);
    this.#isDying = false;
    watcher.died(durable);
  }

  #dropSockets(survivors: (inFlight: number) => number): void {
    for (const { link } of this.#sockets.values())
      link.dropServerEnd(survivors(link.inFlight.down));
    this.#sockets.clear();
  }
}
