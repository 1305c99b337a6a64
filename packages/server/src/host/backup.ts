import {
  CODEC_VERSION,
  decodeValue,
  encodeValue,
  hashValue,
  HoldfastError,
  type ValueObject,
} from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import { assertObject, migrateState } from "./restore.ts";

/** The number of the format of backups. */
const BACKUP_FORMAT = 1;

/** A state in a file, with what is needed to know it again. */
interface Backup {
  readonly holdfast: "backup";
  readonly format: number;
  readonly codec: number;
  readonly module: string;
  readonly key: string;
  /** The version of the state's shape. */
  readonly schema: number;
  /** Where in which history it was taken. */
  readonly epoch: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Encoded. */
  readonly state: string;
  /** SHA-256 over the canonical encoding of all of the above. */
  readonly checksum: string;
}

/** Of which instance a backup is made, and when. */
export type BackupOrigin = Pick<Backup, "module" | "key" | "epoch" | "version" | "time">;

/** A backup as text: JSON. State that is ephemeral is left out. */
export async function writeBackup(
  { ephemeral, version: schema }: ModuleDefinition,
  origin: BackupOrigin,
  state: ValueObject,
): Promise<string> {
  const isKept = (key: string): boolean => ephemeral !== "all" && !ephemeral.includes(key);
  const kept = Object.fromEntries(Object.entries(state).filter(([key]) => isKept(key)));
  const backup: Omit<Backup, "checksum"> = {
    holdfast: "backup",
    format: BACKUP_FORMAT,
    codec: CODEC_VERSION,
    schema,
    ...origin,
    // Encoded at once: the state goes on changing.
    state: encodeValue(kept),
  };
  return JSON.stringify({ ...backup, checksum: await hashValue(backup) });
}

/**
 * The state of a backup, brought up to the module's version. It may be of another instance of the
 * same module.
 *
 * @throws HoldfastError `IMPORT_INVALID` for what is no backup of this module, or damaged;
 * `SCHEMA_TOO_NEW` for one of a newer version; `RESTORE_FAILED` where it cannot be migrated or does
 * not fit the module's schema
 */
export async function readBackup(
  module: ModuleDefinition,
  name: string,
  text: string,
): Promise<ValueObject> {
  const { checksum, ...backup } = parse(text);
  if (checksum !== (await hashValue(backup))) {
    throw invalid("it is damaged: its checksum does not fit. Take another copy of it");
  }
  if (backup.module !== name) {
    throw invalid(`it is of the module "${backup.module}", and this one is "${name}"`);
  }
  const { format, codec, schema } = backup;
  if (format > BACKUP_FORMAT || codec > CODEC_VERSION || schema > module.version) {
    throw new HoldfastError(
      "SCHEMA_TOO_NEW",
      `The backup was made by newer code (state version ${schema}, this is ${module.version}). Deploy that code first. Nothing was changed.`,
    );
  }
  return migrateState(module, assertObject(decodeValue(backup.state)), schema);
}

function parse(text: string): Backup {
  let backup: Partial<Backup> | null;
  try {
    // Narrowed right below.
    backup = JSON.parse(text) as Partial<Backup> | null;
  } catch {
    throw invalid("it is not JSON");
  }
  const isBackup =
    backup?.holdfast === "backup" &&
    [backup.format, backup.codec, backup.schema, backup.version, backup.time].every((number) =>
      Number.isSafeInteger(number),
    ) &&
    [backup.module, backup.key, backup.epoch, backup.state, backup.checksum].every(
      (field) => typeof field === "string",
    );
  if (!isBackup) throw invalid("it was not made by export");
  return backup as Backup;
}

function invalid(problem: string): HoldfastError {
  return new HoldfastError(
    "IMPORT_INVALID",
    `The backup cannot be imported: ${problem}. Nothing was changed.`,
  );
}
