import type { ModuleDefinition } from "../../module/definition.ts";
import type { Home } from "../../module/state-store.ts";
import type { StateTree } from "../../state/state-tree.ts";
import type { Journal } from "../../storage/journal.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import type { Alarms } from "../alarms.ts";
import { callHook } from "../call-hook.ts";
import type { Platform } from "../platform.ts";
import { readSaved, writeSaved } from "./saved-row.ts";
import { toSaved } from "./saved-state.ts";

/** What a keeper works with. */
export interface StoreKeeperParts {
  readonly module: ModuleDefinition;
  readonly home: Home;
  /** The key, as the store gave it. */
  readonly key: string;
  readonly tree: StateTree;
  readonly journal: Journal;
  readonly sql: SqlPort;
  readonly alarms: Alarms;
  readonly platform: Platform;
}

/** So long behind a commit a save begins: there is time left for it within the second. */
const SAVE_AFTER_MS = 500;
const RETRY_MS = 250;
/** Nothing waits longer on a bare timer: the object could not hibernate. */
const MOST_TIMER_MS = 1_000;
const MOST_RETRY_MS = 300_000;
/** A save that has not ended by then has failed. */
const MOST_SAVE_MS = 30_000;
/** The id and kind of the alarm that tries again. */
const ALARM = "holdfast:store";

/** Keeps a store up to what the journal has: one save at a time, tried again until it succeeds. */
export class StoreKeeper {
  readonly #parts: StoreKeeperParts;
  #saved: number;
  #callOff: (() => void) | undefined;
  #saving: Promise<void> | undefined;
  #failures = 0;
  #isStopped = false;
  #waiting: (() => void)[] = [];

  constructor(parts: StoreKeeperParts) {
    this.#parts = parts;
    const saved = readSaved(parts.sql);
    this.#saved = saved && saved.epoch === parts.journal.epoch ? saved.version : -1;
    parts.alarms.on(ALARM, () => this.flush());
    // A process before this one may have ended in between.
    this.changed();
  }

  /** Whether the store has all that was committed. */
  get isClean(): boolean {
    const { journal } = this.#parts;
    return journal.meta === undefined || this.#saved >= journal.version;
  }

  /** Resolves when the save that is due or under way has ended, well or not; `undefined` without any. */
  get underWay(): Promise<unknown> | undefined {
    if (this.#saving) return this.#saving;
    return this.#callOff ? new Promise<void>((resolve) => this.#waiting.push(resolve)) : undefined;
  }

  /** Something was committed: it is saved soon. */
  changed(): void {
    if (this.isClean || this.#saving || this.#callOff || this.#parts.alarms.get(ALARM)) return;
    this.#saveIn(this.#delay);
  }

  /** Saves now what is not saved yet. Resolves when the save has ended, well or not. */
  async flush(): Promise<void> {
    if (this.#saving) await this.#saving;
    if (this.isClean) return;
    this.#callOff?.();
    await this.#save();
  }

  /** Calls back when the store has all that was committed, now or later. */
  whenClean(callback: () => void): void {
    if (this.isClean) callback();
    else this.#waiting.push(() => this.whenClean(callback));
  }

  /** Another history begins: nothing of this one is saved any more. */
  async stop(): Promise<void> {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#isStopped = true;
    await this.#saving;
  }

  /** The state is deleted, or about to be: here the store begins. Rejects when it fails. */
  async forget(): Promise<void> {
    await this.#saving;
    await this.#parts.home.store.delete(this.#parts.key);
  }

  /** What it was told to forget is to stay after all. */
  remember(): void {
    this.#saved = -1;
    this.changed();
  }

  get #delay(): number {
    return this.#parts.home.saveBeforeAck ? 0 : SAVE_AFTER_MS;
  }

  #saveIn(ms: number): void {
    this.#callOff = this.#parts.platform.after(ms, () => {
      this.#callOff = undefined;
      void this.#save();
    });
  }

  #save(): Promise<void> {
    this.#callOff = undefined;
    this.#saving ??= this.#attempt().finally(() => {
      this.#saving = undefined;
      this.#goOn();
    });
    return this.#saving;
  }

  async #attempt(): Promise<void> {
    const { module, home, key, tree, journal, sql } = this.#parts;
    const { version, epoch } = journal;
    try {
      const state = toSaved(module, tree.committed(), journal.meta?.schema);
      await this.#inTime(async () => home.store.save(key, state));
      writeSaved(sql, { epoch, version });
      this.#saved = Math.max(this.#saved, version);
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      this.#tell(error);
    }
  }

  /** What has not ended in time is not waited for; should it end later, it may have undone a newer one. */
  async #inTime(save: () => Promise<unknown>): Promise<void> {
    const { platform } = this.#parts;
    let isLate = false;
    let callOff = (): void => {};
    const saved = save().finally(() => {
      if (!isLate) return;
      this.#saved = -1;
      this.changed();
    });
    const late = new Promise<never>((_, reject) => {
      callOff = platform.after(MOST_SAVE_MS, () => {
        isLate = true;
        reject(new Error(`The store has not saved within ${MOST_SAVE_MS / 1_000} seconds.`));
      });
    });
    try {
      await Promise.race([saved, late]);
    } finally {
      callOff();
      saved.catch(() => undefined);
    }
  }

  #goOn(): void {
    const { alarms, platform } = this.#parts;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one();
    if (this.isClean || this.#saving || this.#callOff || this.#isStopped) return;
    const ms =
      this.#failures === 0 ? this.#delay : RETRY_MS * 2 ** Math.min(this.#failures - 1, 16);
    if (ms <= MOST_TIMER_MS) this.#saveIn(ms);
    else {
      const at = platform.now() + Math.min(ms, MOST_RETRY_MS);
      alarms.set({ id: ALARM, kind: ALARM, at, body: "" });
    }
  }

  #tell(error: unknown): void {
    const { module, key, platform } = this.#parts;
    platform.report(error, "A store did not save the state of an instance; it is tried again");
    callHook(platform, () => module.hooks.persistError?.(key, error));
  }
}
