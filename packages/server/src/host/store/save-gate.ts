import type { Connection, ConnectionMeta } from "../connection.ts";
import type { StoreKeeper } from "./store-keeper.ts";

/**
 * A connection to which nothing goes out that the store does not have (`saveBeforeAck`): what is said
 * behind a commit waits, in order, until that is saved.
 */
export class SaveGate implements Connection {
  readonly #connection: Connection;
  readonly #keeper: () => StoreKeeper | undefined;
  /** What waits. */
  #held: ((connection: Connection) => void)[] = [];

  constructor(connection: Connection, keeper: () => StoreKeeper | undefined) {
    this.#connection = connection;
    this.#keeper = keeper;
  }

  get meta(): ConnectionMeta {
    return this.#connection.meta;
  }

  remember(meta: ConnectionMeta): void {
    this.#connection.remember(meta);
  }

  send(frame: string): void {
    this.#pass((connection) => connection.send(frame));
  }

  close(code: number, reason: string): void {
    this.#pass((connection) => connection.close(code, reason));
  }

  #pass(say: (connection: Connection) => void): void {
    const keeper = this.#keeper();
    if (this.#held.length === 0 && (!keeper || keeper.isClean)) {
      say(this.#connection);
      return;
    }
    this.#held.push(say);
    if (this.#held.length === 1) keeper?.whenClean(() => this.#letGo());
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = [];
    for (const say of held) say(this.#connection);
  }
}
