import { HoldfastError, type Limits, PING_FRAME, PONG_FRAME } from "@holdfast/protocol";
import type { ModuleDefinition } from "@holdfast/server";
import { closeWith } from "@holdfast/server/internal/host/close";
import { Host } from "@holdfast/server/internal/host/host";
import type { BoardEnv } from "./board.ts";
import type { Disk } from "./disk.ts";
import type { Link, UpItem } from "./link.ts";
import { type Output, ServerEnd, ServerSocket } from "./server-end.ts";
import { ServerProcess } from "./server-process.ts";

export interface ServerOptions {
  readonly name: string;
  readonly disk: Disk;
  readonly limits: Limits;
  readonly now: () => number;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
  readonly token: (length: number) => string;
  /** How much of what is on its way to a page still arrives when the process dies. */
  readonly survivors: (inFlight: number) => number;
  readonly watcher: ServerWatcher;
}

/** Sees what the server does; changes nothing. */
export interface ServerWatcher {
  /** The process sends; what it wrote before is in its storage. */
  sending(socket: ServerSocket, output: Output): void;
  /** A host came into memory, or an event was handled to its end. */
  handled(host: Host): void;
  /** The process died: of what it wrote, the events up to `durable` are left. */
  died(durable: number): void;
  /** The host told its operator. */
  reported(error: unknown, what: string): void;
  /** The host says that it is broken, or threw. */
  broken(reason: string, error?: unknown): void;
}

/**
 * One instance where it runs: the real host on a disk that outlives it, with the platform's side of
 * its sockets. The counterpart of `server/src/cloudflare/module-object.ts`: what that one does at an
 * event is done here, and what workerd does around it is imitated (DESIGN 7).
 */
export class Server {
  readonly #options: ServerOptions;
  #host: Host | undefined;
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

  #module: ModuleDefinition;

  constructor(module: ModuleDefinition, options: ServerOptions) {
    this.#module = module;
    this.#options = options;
    this.#process = this.#begin();
    options.disk.onDeath = () => (this.#isDying = true);
  }

  /** Nothing runs, and nothing will run by itself. */
  get isIdle(): boolean {
    return this.#host?.running === undefined && this.#process.timers === 0;
  }

  get host(): Host | undefined {
    return this.#host;
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

  /** Other code takes the place of what runs, and its memory with it. */
  deploy(module: ModuleDefinition): void {
    this.#module = module;
  }

  /** A process starts, if there is none. */
  wake(): void {
    this.#handle(() => {
      this.#host ??= this.#restoreHost();
    });
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
      const end = this.#endOf(socket);
      const isFresh = !this.#host;
      const host = this.#hostFor(end);
      // A fresh host has taken in every open socket, this one with them.
      if (!isFresh) host?.connect(end);
    });
  }

  #incoming(link: Link, item: Exclude<UpItem, { type: "connect" }>): void {
    const socket = this.#sockets.get(link);
    if (!socket) return;
    if (item.type === "close") {
      this.#handle(() => {
        const end = this.#ends.get(socket);
        this.#sockets.delete(link);
        this.#ends.delete(socket);
        if (end) this.#host?.disconnect(end);
        const code = item.code === 1005 || item.code === 1006 ? 1000 : item.code;
        this.#output(socket, { type: "close", code, reason: item.reason });
      });
    } else if (socket.isClosed) {
      // It was closed from here: nothing is heard of it but its close.
    } else if (item.text === PING_FRAME) {
      // The platform answers, without waking anybody.
      link.sendDown({ type: "frame", text: PONG_FRAME });
    } else {
      this.#handle(() => {
        const end = this.#endOf(socket);
        this.#hostFor(end)?.receive(end, item.text);
      });
    }
  }

  /** One event, from its beginning to its end, or to the death of the process. */
  #handle(work: () => void): void {
    const { watcher } = this.#options;
    try {
      work();
    } catch (error) {
      if (!this.#isDying) watcher.broken("A handler threw", error);
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
    else if (this.#host) watcher.handled(this.#host);
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
    this.#host = undefined;
    this.#ends.clear();
  }

  #hostFor(end: ServerEnd): Host | undefined {
    try {
      return (this.#host ??= this.#restoreHost());
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      if (!this.#isDying) {
        this.#options.watcher.reported(error, "The instance could not be restored");
      }
      closeWith(end, error);
      return undefined;
    }
  }

  #restoreHost(): Host {
    const { name, disk, limits, now, token, watcher } = this.#options;
    const process = this.#process;
    const host = new Host({
      module: this.#module,
      name,
      key: "",
      sql: process,
      limits,
      env: {
        pause: (milliseconds) => process.pause(milliseconds),
        writing: (id, isWriting) => process.writing(id, isWriting),
      } satisfies BoardEnv,
      platform: {
        now,
        after: (milliseconds, callback) => process.after(milliseconds, callback),
        token,
        warn: () => {},
        // The modules of the world set none.
        setAlarm: () => {},
        abort: (reason) => {
          if (process.isGone) return;
          if (!this.#isDying) watcher.broken(reason);
          this.#isDying = true;
          disk.die();
        },
        report: (error, what) => {
          if (!this.#isDying && !process.isGone) watcher.reported(error, what);
        },
      },
    });
    // The platform hands out sockets that were closed from here until the other end has answered.
    watcher.handled(host);
    for (const socket of this.#sockets.values()) host.connect(this.#endOf(socket));
    return host;
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
