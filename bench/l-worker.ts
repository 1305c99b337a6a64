import { DurableObject } from "cloudflare:workers";

/**
 * L: what a bare hibernatable Durable Object costs that does the least anyone could call durable.
 * State in memory, one row per message overwritten in place, written before anything is sent, then
 * an echo to the sender and the change to the listeners. No sequences, no journal, no patches.
 *
 * A frame that is an array is handled as one: all its actions share one row ("L batched").
 */
export class LObject extends DurableObject {
  #state: { count: number; items: Record<string, unknown> } = { count: 0, items: {} };
  #snapshot = "";

  constructor(context: DurableObjectState, env: unknown) {
    super(context, env as Cloudflare.Env);
    constructed++;
    const { sql } = context.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS log (slot INTEGER PRIMARY KEY, text TEXT NOT NULL)");
    sql.exec("CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
    const rows = sql.exec<{ text: string }>("SELECT text FROM state ORDER BY id").toArray();
    if (rows.length > 0) this.#restore(rows.map(({ text }) => text).join(""));
  }

  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/fill") {
      const text = await request.text();
      for (let id = 0; id * ROW_LENGTH < text.length; id++) {
        const row = text.slice(id * ROW_LENGTH, (id + 1) * ROW_LENGTH);
        this.ctx.storage.sql.exec("INSERT OR REPLACE INTO state (id, text) VALUES (?, ?)", id, row);
      }
      this.#restore(text);
      return new Response("filled");
    }
    if (url.pathname === "/size")
      return Response.json({ database: this.ctx.storage.sql.databaseSize });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    if (url.searchParams.has("snapshot")) server.send(this.#snapshot);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const text = message as string;
    if (text.charCodeAt(0) === OPENING_BRACKET) {
      // The load generator sends an array of actions.
      for (const _ of JSON.parse(text) as unknown[]) this.#state.count++;
    } else this.#state.count++;
    this.ctx.storage.sql.exec(
      "INSERT INTO log (slot, text) VALUES (?, ?) ON CONFLICT (slot) DO UPDATE SET text = excluded.text",
      this.#state.count % SLOTS,
      text,
    );
    socket.send(text);
    for (const other of this.ctx.getWebSockets()) if (other !== socket) other.send(text);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  #restore(text: string): void {
    this.#snapshot = text;
    // The text is what the bench filled in: an object of items.
    this.#state = { count: 0, items: JSON.parse(text) as Record<string, unknown> };
  }
}

const SLOTS = 1000;
/** A row may not be larger than 2 MB. */
const ROW_LENGTH = 1_000_000;
const OPENING_BRACKET = 0x5b;

/** Instances constructed in this process: more than before means that one had left memory. */
let constructed = 0;

interface Env {
  readonly LObject: DurableObjectNamespace<LObject>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/constructed") return Response.json({ constructed });
    return env.LObject.getByName(url.searchParams.get("key") ?? "").fetch(request);
  },
};
