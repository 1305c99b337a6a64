import { HoldfastError } from "@holdfast/protocol";
import type { Home } from "../../module/state-store.ts";
import type { Connection } from "../connection.ts";
import type { Platform } from "../platform.ts";
import type { Loaded } from "../restore.ts";
import { SaveGate } from "./save-gate.ts";
import type { StoreKeeper } from "./store-keeper.ts";

/** What standing behind a store needs. */
export interface OwnStoreParts {
  readonly home: Home;
  /** The key, as the store gave it. */
  readonly key: string;
  readonly platform: Pick<Platform, "report">;
  /** Keeps the store up to date, while a host is in memory. */
  readonly keeper: () => StoreKeeper | undefined;
}

/**
 * The store of the module's own, of an instance that it keeps: asked before the instance is restored,
 * and, where nothing may be told before it is saved, waited for.
 */
export class OwnStore {
  readonly #parts: OwnStoreParts;
  #asking: Promise<void> | undefined;
  /** Why what the store has cannot be restored. */
  #failure: unknown;
  /** Where nothing is said before it is saved. */
  readonly #gates = new WeakMap<Connection, SaveGate>();

  constructor(parts: OwnStoreParts) {
    this.#parts = parts;
  }

  /**
   * Has an instance restored on what the store has; whoever comes meanwhile waits for the same.
   *
   * @throws HoldfastError `BUSY` where the store does not answer; what `restore` throws
   */
  ask(restore: (loaded: Loaded) => void): Promise<void> {
    return (this.#asking ??= this.#ask(restore).finally(() => (this.#asking = undefined)));
  }

  /** @throws what `restore` threw: without what the store has, the instance would begin anew, and be saved */
  assertRestorable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The connection, behind a gate where it has to be. */
  gated(connection: Connection): Connection {
    const { home, keeper } = this.#parts;
    if (!home.saveBeforeAck) return connection;
    let gate = this.#gates.get(connection);
    if (!gate) this.#gates.set(connection, (gate = new SaveGate(connection, keeper)));
    return gate;
  }

  /** Resolves when what was committed may be told. */
  async maySpeak(): Promise<void> {
    const { home, keeper } = this.#parts;
    const keeping = keeper();
    if (keeping && home.saveBeforeAck) {
      await new Promise<void>((resolve) => keeping.whenClean(resolve));
    }
  }

  async #ask(restore: (loaded: Loaded) => void): Promise<void> {
    const { home, key, platform } = this.#parts;
    let value: unknown;
    try {
      value = await home.store.load(key);
    } catch (cause) {
      platform.report(cause, "A store did not load the state of an instance");
      throw new HoldfastError(
        "BUSY",
        "The state cannot be loaded at the moment. The server's log says why; try again later.",
      );
    }
    this.#failure = undefined;
    try {
      restore({ value });
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
