import { PING_FRAME, PONG_FRAME } from "@holdfast/protocol";
import { evictDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { MICRO_SCRIPTS, type MicroScript, type Move } from "@holdfast/testing/conformance/scripts";

/** Longer than anything in a script takes. */
const REST_MS = 120;

test.each(MICRO_SCRIPTS)("workerd: $name", async (script) => {
  expect(await runOnWorkerd(script)).toEqual(script.hears);
});

async function runOnWorkerd({ moves }: MicroScript): Promise<Record<string, string[]>> {
  const name = crypto.randomUUID();
  const peers = new Map<string, Peer>();
  for (const move of moves) {
    if ("hibernate" in move) {
      await evictDurableObject(exports.ProbeObject.getByName(name), { webSockets: "hibernate" });
    } else if ("open" in move) peers.set(move.open, await Peer.open(name));
    else peers.get(move.peer)?.make(move);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  return Object.fromEntries([...peers].map(([peer, { heard }]) => [peer, heard]));
}

class Peer {
  readonly heard: string[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.heard.push(data === PONG_FRAME ? "pong" : String(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.heard.push(code === 1006 ? "closed 1006" : `closed ${code} ${reason}`);
    });
    socket.accept();
  }

  static async open(name: string): Promise<Peer> {
    // A stub that has failed is of no more use: each peer takes one of its own.
    const stub = exports.ProbeObject.getByName(name);
    const response = await stub.fetch("https://probe.example", {
      headers: { Upgrade: "websocket" },
    });
    if (!response.webSocket) throw new Error(`no socket: ${response.status}`);
    return new Peer(response.webSocket);
  }

  make(move: Extract<Move, { peer: string }>): void {
    if ("pings" in move) return this.#socket.send(PING_FRAME);
    for (const deeds of move.says) this.#socket.send(JSON.stringify(deeds));
    if ("closes" in move) this.#socket.close(...move.closes);
  }
}
