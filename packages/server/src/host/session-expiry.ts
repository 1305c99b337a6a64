import { cloneValue, type ValueObject } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { Place } from "../module/place.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { Alarms } from "./alarms.ts";
import type { KeyWatch } from "./move/key-watch.ts";
import type { Moves } from "./move/moves.ts";
import type { Platform } from "./platform.ts";
import { SCHEDULE } from "./schedule.ts";
import type { StoreKeeper } from "./store/store-keeper.ts";

/** What the expiry of a session's state works with. */
export interface SessionExpiryParts {
  readonly module: ModuleDefinition;
  readonly alarms: Alarms;
  readonly platform: Platform;
  /** Whether anything is stored: what is not needs no end. */
  readonly isStored: () => boolean;
  /** Whether anybody is connected. */
  readonly isAttended: () => boolean;
  /** Which instance it is, where the key is derived from the state. */
  readonly derived: { readonly watch: KeyWatch; readonly place: Place } | undefined;
  /** How sessions come and go, there. */
  readonly moves: () => Moves | undefined;
  /** Looks after the store of the module's own, where there is one. */
  readonly keeper: () => StoreKeeper | undefined;
  readonly tree: StateTree;
  readonly sql: SqlPort;
  readonly env: unknown;
  /** Deletes the history: whatever is still under way is refused. */
  readonly destroy: () => void;
  /** The host is of no use any more. */
  readonly onExpired: () => void;
}

/** The kind and the id of its alarm. */
const ALARM = "holdfast:session";
/** The alarm is moved once in so long at most: a visit costs a row a day, not one each time. */
const DAY_MS = 86_400_000;
/** Of a short life it is moved more often. */
const MOVES_PER_LIFE = 30;

/**
 * Ends what there is of a session that nobody has been at for as long as it may be idle: the state of
 * `session()`; with `withKey`, where the session is, and what it has without a key; in a store of the
 * module's own, a value that is this session's alone.
 */
export class SessionExpiry {
  readonly #parts: SessionExpiryParts;
  /** `undefined`: it never ends. */
  readonly #idleMs: number | undefined;
  /** The alarm is late enough for whatever happens until then. */
  #quietUntil = 0;
  #isSessions: boolean;

  constructor(parts: SessionExpiryParts) {
    this.#parts = parts;
    const { derived, module, alarms } = parts;
    this.#idleMs = idleMsOf(module, derived?.place);
    // Under a key it is told by who comes, and later by the alarm.
    this.#isSessions = derived?.place.type !== "key";
    if (this.#idleMs !== undefined) alarms.on(ALARM, () => this.#ring());
  }

  /** The session is there; `session`: which one, where somebody has come. */
  used(session?: string): void {
    const { alarms, platform } = this.#parts;
    const now = platform.now();
    if (this.#idleMs === undefined || now < this.#quietUntil) return;
    if (session !== undefined && !this.#isSessions) this.#isSessions = this.#isOf(session);
    if (!this.#isSessions || !this.#isStored) return;
    const known = alarms.get(ALARM)?.at ?? 0;
    const end = now + this.#idleMs;
    // Later than needed, so that it does not have to be moved the next time.
    const at = end + Math.min(DAY_MS, this.#idleMs / MOVES_PER_LIFE);
    if (known < end) alarms.set({ id: ALARM, kind: ALARM, at, body: "" });
    this.#quietUntil = Math.max(known, at) - this.#idleMs;
  }

  get #isStored(): boolean {
    const { isStored, moves } = this.#parts;
    return isStored() || moves()?.isPlaced === true;
  }

  #isOf(session: string): boolean {
    const { derived, module } = this.#parts;
    return derived?.watch.isOf(session, module.initial) === true;
  }

  async #ring(): Promise<void> {
    // Nobody else sets it.
    this.#isSessions = true;
    const keeper = this.#parts.keeper();
    if (!this.#isWanted) {
      await keeper?.forget();
      // Somebody may have come meanwhile.
      if (!this.#isWanted) return this.#expire();
      keeper?.remember();
    }
    this.#quietUntil = 0;
    this.used();
  }

  get #isWanted(): boolean {
    const { alarms, isAttended, moves, keeper } = this.#parts;
    // An action that is scheduled is something that the session still wants.
    if (isAttended() || moves()?.isMoving === true || alarms.list(SCHEDULE).length > 0) return true;
    return keeper()?.isClean === false;
  }

  async #expire(): Promise<void> {
    const { module, tree, sql, env, destroy, onExpired, platform } = this.#parts;
    // A copy, and an object as every state is.
    const state = cloneValue(tree.committed()) as ValueObject;
    sql.transaction(() => {
      for (const { name } of sql.run(TABLES)) {
        sql.run(`DROP TABLE "${String(name).replaceAll('"', '""')}"`);
      }
      destroy();
    });
    onExpired();
    try {
      await module.hooks.expire?.(state, { env });
    } catch (error) {
      platform.report(error, "onExpire failed; the state is deleted all the same");
    }
  }
}

function idleMsOf({ strategy }: ModuleDefinition, place: Place | undefined): number | undefined {
  if (strategy.type !== "session" && strategy.type !== "derived") return undefined;
  // What is under a key that logins lead to waits for the next one.
  if (strategy.type === "derived" && place?.type !== "session" && !strategy.bySession) {
    return undefined;
  }
  return Number.isFinite(strategy.idleMs) ? strategy.idleMs : undefined;
}

/** Holdfast's, and what actions have made; the platform's own have names of their own. */
const TABLES = `SELECT name FROM sqlite_master WHERE type = 'table'
  AND name <> 'holdfast_alarms' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`;
