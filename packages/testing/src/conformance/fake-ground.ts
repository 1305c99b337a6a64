import { PING_FRAME, PONG_FRAME } from "@holdfast/protocol";
import type { ConnectionMeta } from "@holdfast/server/internal/host/connection";
import { Clock } from "@holdfast/server/internal/testing/app/clock";
import { Disk } from "../world/disk.ts";
import { Link } from "../world/link.ts";
import { PageSocket } from "@holdfast/server/internal/testing/app/page-socket";
import type { Actor, Ground } from "../world/server-actor.ts";
import type { ServerEnd } from "../world/server-end.ts";
import { Server } from "../world/server.ts";
import { Probe, type ProbeSocket } from "./probe.ts";
import type { MicroScript, Move } from "./scripts.ts";

/** Runs a script on what the world takes for a Durable Object, and for browsers. */
export async function runOnFakes({ moves }: MicroScript): Promise<Record<string, string[]>> {
  const clock = new Clock();
  const server = new Server({
    disk: new Disk("each event"),
    now: () => clock.now,
    after: (milliseconds, callback) => {
      const alarm = clock.set(clock.now + milliseconds, callback);
      return () => clock.clear(alarm);
    },
    begin: (ground) => new ProbeActor(ground),
    survivors: () => 0,
    watcher: {
      sending: () => undefined,
      handled: () => undefined,
      died: () => undefined,
      threw: () => undefined,
    },
  });
  const peers = new Map<string, Peer>();
  for (const move of moves) {
    if ("hibernate" in move) server.hibernate();
    else if ("open" in move) peers.set(move.open, new Peer(move.open));
    else peers.get(move.peer)?.make(move);
    await rest(server, clock, [...peers.values()]);
  }
  return Object.fromEntries([...peers].map(([name, { heard }]) => [name, heard]));
}

/** Lets everything arrive and every timer ring. */
async function rest(
  server: Server<ProbeActor>,
  clock: Clock,
  peers: readonly Peer[],
): Promise<void> {
  for (;;) {
    for (const { link, socket } of peers) {
      if (link.upReady(clock.now)) server.receive(link, link.takeUp());
      else if (link.downReady(clock.now)) socket.deliver(link.takeDown());
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    server.endAwaits();
    if (peers.some(({ link }) => link.upReady(clock.now) || link.downReady(clock.now))) continue;
    if (server.holds) {
      server.flush();
    } else {
      if (clock.next === undefined) return;
      clock.now = Math.max(clock.now, clock.next);
      clock.ring();
    }
  }
}

class Peer {
  readonly heard: string[] = [];
  readonly socket = new PageSocket<Link>("wss://fake");
  readonly link: Link;

  constructor(name: string) {
    this.link = this.socket.link = new Link(name, name);
    this.link.sendUp({ type: "connect" });
    this.socket.addEventListener("message", (event) => {
      // Only a MessageEvent is dispatched under this name.
      const { data } = event as MessageEvent;
      this.heard.push(data === PONG_FRAME ? "pong" : String(data));
    });
    this.socket.addEventListener("close", (event) => {
      // As above.
      const { code, reason } = event as CloseEvent;
      this.heard.push(code === 1006 ? "closed 1006" : `closed ${code} ${reason}`);
    });
  }

  make(move: Extract<Move, { peer: string }>): void {
    if ("pings" in move) return this.socket.send(PING_FRAME);
    for (const deeds of move.says) this.socket.send(JSON.stringify(deeds));
    if ("closes" in move) this.socket.close(...move.closes);
  }
}

class ProbeActor implements Actor {
  readonly #probe: Probe;
  #running = 0;

  constructor({ process, sockets, abort }: Ground) {
    this.#probe = new Probe({
      run: (sql, ...bindings) => process.run(sql, ...bindings),
      transaction: (work) => process.transaction(work),
      sockets: () => sockets().map(asProbeSocket),
      after: (milliseconds, callback) => void process.after(milliseconds, callback),
      pause: (milliseconds) => process.pause(milliseconds),
      abort,
    });
  }

  get isBusy(): boolean {
    return this.#running > 0;
  }

  connect(): void {}

  message(end: ServerEnd, text: string): void {
    const running = this.#probe.message(asProbeSocket(end), text);
    if (!running) return;
    this.#running++;
    const over = (): void => void this.#running--;
    running.then(over, over);
  }

  closed(end: ServerEnd): void {
    this.#probe.closed(asProbeSocket(end));
  }
}

function asProbeSocket(end: ServerEnd): ProbeSocket {
  return {
    send: (text) => end.send(text),
    close: (code, reason) => end.close(code, reason),
    // Attachments are any value; the host's are of this type.
    remember: (value) => end.remember(value as unknown as ConnectionMeta),
    recall: () => end.socket.attachment as unknown as { note: string },
  };
}
