import {
  cloneValue,
  encodeValue,
  HoldfastError,
  kindOf,
  type Limits,
  type Value,
  type ValueObject,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { unwrap } from "../state/unwrap.ts";
import { Journal } from "../storage/journal.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import { checkState } from "./check-state.ts";
import type { Platform } from "./platform.ts";
import { setAside } from "./set-aside.ts";
import { readSaved } from "./store/saved-row.ts";
import { fromSaved } from "./store/saved-state.ts";

/** 72 random bits: no two histories share an epoch. */
const EPOCH_CHARACTERS = 12;

/** What a history is opened with. */
export interface HistoryOptions {
  readonly module: ModuleDefinition;
  readonly sql: SqlPort;
  readonly platform: Platform;
  readonly limits: Limits;
  /** What the module's store has; `undefined`: it was not asked. */
  readonly loaded?: Loaded | undefined;
}

/** The answer of a store. */
export interface Loaded {
  /** `undefined` or `null`: nothing. */
  readonly value: unknown;
}

/** A stored history, or the beginning of one. */
export interface History {
  readonly journal: Journal;
  /** As of the journal's version; the caller's own. */
  readonly state: ValueObject;
  /** There was a stored state. */
  readonly restored: boolean;
  /** What `state` has to become before anybody sees it, in a commit; `undefined`: it is right. */
  readonly migrate: ((state: object) => void) | undefined;
  /** What it has to become is what the module's store has: that needs not be saved. */
  readonly isSaved?: boolean;
  /** Why nothing may be written: the state is of a newer version of the module. */
  readonly readOnly: HoldfastError | undefined;
}

/**
 * Opens what is stored of an instance, and says what is left to be done with it. Where it cannot be
 * used, `onRestoreError` may choose the initial state, in a new history; the old one is set aside.
 *
 * @throws HoldfastError `RESTORE_FAILED`, `SCHEMA_TOO_NEW` or `STORAGE_FAILED`; storage is as before
 */
export function openHistory(options: HistoryOptions): History {
  try {
    return tryToOpen(options);
  } catch (error) {
    const { module, platform, sql } = options;
    if (!(error instanceof HoldfastError) || error.code !== "RESTORE_FAILED") throw error;
    if (module.hooks.restoreError?.(error) !== "initial") throw error;
    platform.report(error, "The instance begins anew: its stored state cannot be used");
    setAside(sql, platform.now());
    return tryToOpen({ ...options, loaded: undefined });
  }
}

/** @throws HoldfastError `STORAGE_FAILED` */
export function openJournal({
  sql,
  platform,
  limits,
}: Pick<HistoryOptions, "sql" | "platform" | "limits">): Journal {
  return Journal.open(sql, {
    limits,
    now: () => platform.now(),
    epoch: platform.token(EPOCH_CHARACTERS),
  });
}

function tryToOpen(options: HistoryOptions): History {
  const history = openOwn(options);
  const { loaded, sql, module } = options;
  if (!loaded || history.readOnly) return history;
  const { journal, restored, migrate } = history;
  const saved = restored ? readSaved(sql) : undefined;
  // Its own versions that the store has not were acknowledged: they stand.
  if (restored && (saved?.epoch !== journal.epoch || saved.version < journal.version))
    return history;
  const value = loaded.value ?? undefined;
  if (value === undefined && !restored) return history;
  const target = value === undefined ? cloneValue(module.initial) : loadedState(module, value);
  return {
    ...history,
    restored: value !== undefined,
    isSaved: true,
    migrate: (state) => {
      migrate?.(state);
      becomeSaved(module, state, target as ValueObject);
    },
  };
}

/** @throws HoldfastError `RESTORE_FAILED` or `SCHEMA_TOO_NEW` */
function loadedState(module: ModuleDefinition, value: unknown): ValueObject {
  const { state, version } = fromSaved(value);
  if (version > module.version) throw tooNew(version, module.version);
  return migrateState(module, state, version);
}

/** The same as `become`, for a state without what is ephemeral: that stays as it is. */
function becomeSaved(module: ModuleDefinition, state: object, next: ValueObject): void {
  // A tracked state is an object to whoever reads it.
  const before = unwrap(state) as Record<string, Value>;
  const kept: Record<string, Value> = { ...next };
  for (const key of module.ephemeral === "all" ? [] : module.ephemeral) {
    if (Object.hasOwn(before, key)) kept[key] = before[key];
  }
  become(state, kept);
}

function openOwn({ module, sql, platform, limits }: HistoryOptions): History {
  const journal = openJournal({ sql, platform, limits });
  const stored = journal.restore();
  const { initial, version } = module;
  if (stored === undefined) {
    // Every instance owns its state: the definition's initial state is shared by all of them.
    const state = cloneValue(initial) as ValueObject;
    return { journal, state, restored: false, migrate: undefined, readOnly: undefined };
  }
  const state = assertObject(stored);
  const schema = journal.meta?.schema ?? version;
  if (schema > version) {
    const error = tooNew(schema, version);
    return { journal, state, restored: true, migrate: undefined, readOnly: error };
  }
  if (schema === version) {
    if (module.schema) checkState(module, merged(state, initial), "The stored state");
    const migrate = (tracked: object): void => mergeInitial(tracked, initial);
    return { journal, state, restored: true, migrate, readOnly: undefined };
  }
  const target = migrateState(module, state, schema);
  const migrate = (tracked: object): void => become(tracked, target);
  return { journal, state, restored: true, migrate, readOnly: undefined };
}

/**
 * A state of an older version, brought up to the module's: its `migrate` steps in order, then the
 * initial state merged in. The state itself stays as it is.
 *
 * @throws HoldfastError `RESTORE_FAILED`
 */
export function migrateState(
  module: ModuleDefinition,
  state: ValueObject,
  from: number,
): ValueObject {
  let next: unknown = cloneValue(state);
  for (let version = from + 1; version <= module.version; version++) {
    const step = module.migrate.get(version);
    if (!step) continue;
    try {
      // A step may as well change what it is given.
      next = cloneValue(step(next) ?? next);
    } catch (cause) {
      throw new HoldfastError(
        "RESTORE_FAILED",
        `The state of version ${from} cannot be brought to version ${module.version}: step ${version} of migrate failed. Nothing was changed; deploy a step that can do it.`,
        { cause },
      );
    }
  }
  const migrated = assertObject(next as Value);
  mergeInitial(migrated, module.initial);
  checkState(module, migrated, "The migrated state");
  return migrated;
}

/**
 * Merges the initial state into a stored one: a key that the stored state lacks is added, plain
 * objects are merged deeply, everything else stays as it was stored. Runs inside a commit, so that
 * the history says how the state came about.
 */
export function mergeInitial(state: object, initial: ValueObject): void {
  // Both are plain objects: one checked by the definition, the other by `assertObject`.
  const target = state as Record<string, unknown>;
  for (const [key, value] of Object.entries(initial)) {
    if (!Object.hasOwn(target, key)) target[key] = cloneValue(value);
    else if (kindOf(value) === "object" && isPlainObject(target[key])) {
      mergeInitial(target[key], value as ValueObject);
    }
  }
}

/** Makes a tracked object equal to a plain one, writing no more than what differs. */
export function become(state: object, next: ValueObject): void {
  // A tracked state is an object to whoever writes to it.
  const target = state as Record<string, unknown>;
  for (const key of Object.keys(target)) if (!Object.hasOwn(next, key)) delete target[key];
  for (const [key, value] of Object.entries(next)) becomeAt(target, key, value);
}

/** The same for one key. */
export function becomeAt(state: object, key: string, value: Value): void {
  const target = state as Record<string, unknown>;
  const before = target[key];
  if (kindOf(value) === "object" && isPlainObject(before)) become(before, value as ValueObject);
  else if (!Object.hasOwn(target, key) || !isSame(before, value)) target[key] = value;
}

function merged(state: ValueObject, initial: ValueObject): ValueObject {
  // A clone of a plain object is one.
  const copy = cloneValue(state) as ValueObject;
  mergeInitial(copy, initial);
  return copy;
}

function isSame(tracked: unknown, value: Value): boolean {
  return encodeValue(unwrap(tracked)) === encodeValue(value);
}

/** @throws HoldfastError `RESTORE_FAILED` */
export function assertObject(state: Value): ValueObject {
  if (kindOf(state) === "object") return state as ValueObject;
  throw new HoldfastError(
    "RESTORE_FAILED",
    "The stored state is not an object. Storage holds the data of something else, or a step of migrate returned it; nothing was changed.",
  );
}

function isPlainObject(value: unknown): value is object {
  return kindOf(value) === "object";
}

function tooNew(stored: number, version: number): HoldfastError {
  return new HoldfastError(
    "SCHEMA_TOO_NEW",
    `The state is of version ${stored}, and the code of version ${version}: it can be read, and not changed. An older version was deployed over a newer one; deploy the newer one again.`,
  );
}
