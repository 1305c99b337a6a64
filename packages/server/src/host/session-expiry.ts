import { cloneValue, type ValueObject } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { Alarms } from "./alarms.ts";
import type { Platform } from "./platform.ts";
import { SCHEDULE } from "./schedule.ts";

/** What the expiry of a session's state works with. */
export interface SessionExpiryParts {
  readonly module: ModuleDefinition;
  readonly alarms: Alarms;
  readonly platform: Platform;
  /** Whether anything is stored: what is not needs no end. */
  readonly isStored: () => boolean;
  /** Whether anybody is connected. */
  readonly isAttended: () => boolean;
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

/** Ends the state of a session (`session()`) that nobody has been at for as long as it may be idle. */
export class SessionExpiry {
  readonly #parts: SessionExpiryParts;
  /** `undefined`: it never ends. */
  readonly #idleMs: number | undefined;
  /** The alarm is late enough for whatever happens until then. */
  #quietUntil = 0;

  constructor(parts: SessionExpiryParts) {
    this.#parts = parts;
    const { strategy } = parts.module;
    const idleMs = strategy.type === "session" ? strategy.idleMs : Infinity;
    this.#idleMs = Number.isFinite(idleMs) ? idleMs : undefined;
    if (this.#idleMs !== undefined) parts.alarms.on(ALARM, () => this.#ring());
  }

  /** The session is there. */
  used(): void {
    const { alarms, platform, isStored } = this.#parts;
    const now = platform.now();
    if (this.#idleMs === undefined || now < this.#quietUntil || !isStored()) return;
    const known = alarms.get(ALARM)?.at ?? 0;
    const end = now + this.#idleMs;
    // Later than needed, so that it does not have to be moved the next time.
    const at = end + Math.min(DAY_MS, this.#idleMs / MOVES_PER_LIFE);
    if (known < end) alarms.set({ id: ALARM, kind: ALARM, at, body: "" });
    this.#quietUntil = Math.max(known, at) - this.#idleMs;
  }

  async #ring(): Promise<void> {
    const { alarms, isAttended } = this.#parts;
    // An action that is scheduled is something that the session still wants.
    if (!isAttended() && alarms.list(SCHEDULE).length === 0) return this.#expire();
    this.#quietUntil = 0;
    this.used();
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

/** What actions have made; the platform's own and Holdfast's have names of their own. */
const TABLES = `SELECT name FROM sqlite_master WHERE type = 'table'
  AND name NOT LIKE 'holdfast\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`;
