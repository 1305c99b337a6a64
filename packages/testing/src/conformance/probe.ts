/** One thing that a handler does. A message is a list of them, as JSON. */
export type Deed =
  /** Writes a row, by a statement of its own. */
  | readonly ["put", key: string, value: string]
  /** Sends to whom it was heard from: a text; what a row holds; what the socket is remembered by. */
  | readonly ["say", text: string]
  | readonly ["tell", key: string]
  | readonly ["recall"]
  /** Sends to every socket that is open. */
  | readonly ["shout", text: string]
  /** Tells how many sockets are open. */
  | readonly ["count"]
  /** Is remembered by `text`; then changes the object that was handed over. */
  | readonly ["remember", text: string]
  /** Counts in memory, and tells how far. */
  | readonly ["step"]
  | readonly ["close", code: number, reason: string]
  | readonly ["throw"]
  | readonly ["abort"]
  /** Waits; events that come meanwhile are handled. */
  | readonly ["await", milliseconds: number]
  /** Does the rest later, by a timer. */
  | readonly ["later", milliseconds: number, deeds: readonly Deed[]]
  /** All or nothing, undone at the end if it says so. */
  | readonly ["transaction", deeds: readonly Deed[], undo: boolean];

/** A socket, as a handler has it. */
export interface ProbeSocket {
  send(text: string): void;
  close(code: number, reason: string): void;
  remember(value: { note: string }): void;
  recall(): { note: string } | undefined;
}

/** What a handler has of the platform. */
export interface ProbeGround {
  run(sql: string, ...bindings: (string | number | null)[]): readonly Record<string, unknown>[];
  transaction(work: () => void): void;
  sockets(): readonly ProbeSocket[];
  after(milliseconds: number, callback: () => void): void;
  pause(milliseconds: number): Promise<void>;
  abort(): void;
}

class Undone extends Error {}

/**
 * Does what its peers tell it to, on whatever ground: a Durable Object, or what the world takes for
 * one. What comes back over the sockets must be the same.
 */
export class Probe {
  readonly #ground: ProbeGround;
  #steps = 0;

  constructor(ground: ProbeGround) {
    this.#ground = ground;
    ground.run("CREATE TABLE IF NOT EXISTS probe (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
  }

  /** One message. Returns a promise if it awaits. */
  message(socket: ProbeSocket, text: string): void | Promise<void> {
    // The scripts send nothing else.
    const deeds = JSON.parse(text) as readonly Deed[];
    const at = deeds.findIndex(([name]) => name === "await");
    if (at < 0) return this.#do(socket, deeds);
    return this.#doInTime(socket, deeds);
  }

  /** A peer is gone. Those who are left are told of one that is remembered by something. */
  closed(socket: ProbeSocket): void {
    const note = socket.recall()?.note;
    if (note === undefined) return;
    const left = this.#ground.sockets();
    for (const one of left) one.send(`${note} is gone, ${left.length} open`);
  }

  async #doInTime(socket: ProbeSocket, deeds: readonly Deed[]): Promise<void> {
    for (const deed of deeds) {
      if (deed[0] === "await") await this.#ground.pause(deed[1]);
      else this.#do(socket, [deed]);
    }
  }

  #do(socket: ProbeSocket, deeds: readonly Deed[]): void {
    for (const deed of deeds) this.#one(socket, deed);
  }

  #one(socket: ProbeSocket, deed: Deed): void {
    const ground = this.#ground;
    switch (deed[0]) {
      case "put":
        ground.run("INSERT OR REPLACE INTO probe (key, value) VALUES (?, ?)", deed[1], deed[2]);
        return;
      case "say":
        return socket.send(deed[1]);
      case "tell": {
        const [row] = ground.run("SELECT value FROM probe WHERE key = ?", deed[1]);
        return socket.send(`${deed[1]} = ${String(row?.["value"] ?? "nothing")}`);
      }
      case "recall":
        return socket.send(`note ${socket.recall()?.note ?? "none"}`);
      case "shout":
        for (const one of ground.sockets()) one.send(deed[1]);
        return;
      case "count":
        return socket.send(`${ground.sockets().length} open`);
      case "remember": {
        const value = { note: deed[1] };
        socket.remember(value);
        value.note = "changed behind its back";
        return;
      }
      case "step":
        return socket.send(`step ${++this.#steps}`);
      case "close":
        return socket.close(deed[1], deed[2]);
      case "throw":
        throw new Error("planned by the script");
      case "abort":
        return ground.abort();
      case "await":
        throw new Error("A message that awaits is done in time.");
      case "later":
        return ground.after(deed[1], () => this.#do(socket, deed[2]));
      case "transaction":
        try {
          ground.transaction(() => {
            this.#do(socket, deed[1]);
            if (deed[2]) throw new Undone();
          });
        } catch (error) {
          if (!(error instanceof Undone)) throw error;
        }
        return;
    }
  }
}
