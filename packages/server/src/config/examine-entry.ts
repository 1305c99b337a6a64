import type { EntryFacts } from "./find-object-classes.ts";
import type { WorkerConfig } from "./worker-config.ts";

/** What is wrong with how a Worker's entry exports what Holdfast needs. */
export interface EntryMistake {
  /** `"error"`: what is missing fails as soon as it is needed, for everybody. */
  readonly level: "error" | "warning";
  /** Which export it is about. */
  readonly about: "ModuleObject" | "RoomObject" | "connection" | "default";
  readonly what: string;
  /** What to do about it. */
  readonly mend: string;
}

/** Looks at what a Worker's entry exports; nothing for an entry that is no Holdfast worker's. */
export function examineEntryFacts(facts: EntryFacts, config: WorkerConfig): EntryMistake[] {
  const { classes, makesWorker, hasConnections, hasDefault } = facts;
  const mistakes: EntryMistake[] = [];
  const mistake = (
    level: EntryMistake["level"],
    about: EntryMistake["about"],
    what: string,
    mend: string,
  ): void => void mistakes.push({ level, about, what, mend });
  for (const is of ["ModuleObject", "RoomObject"] as const) {
    const exported = classes.find((one) => one.is === is)?.name;
    if (exported === undefined || exported === is || isBound(config, is, exported)) continue;
    mistake(
      "error",
      is,
      `The class ${is} is exported under the name ${exported}, where nobody looks for it.`,
      `Export it as ${is}, or bind it by that name: "durable_objects": { "bindings": [{ "name": "${is}", "class_name": "${exported}" }] }`,
    );
  }
  if (!makesWorker) return mistakes;
  const has = (is: string): boolean => classes.some((one) => one.is === is);
  if (!has("ModuleObject")) {
    mistake(
      "error",
      "ModuleObject",
      "It makes a worker with createWorker(), and does not export its class.",
      "Add: export const ModuleObject = holdfast.ModuleObject;",
    );
  }
  if (!hasDefault) {
    mistake(
      "error",
      "default",
      "It makes a worker with createWorker(), and does not export it, so no request reaches it.",
      "Add: export default holdfast;",
    );
  }
  if (!hasConnections) return mistakes;
  if (!has("connection")) {
    mistake(
      "error",
      "connection",
      "It has connections, and exports the class of none.",
      "Add, for each: export const UserConnection = createConnectionHandler(connections.user);",
    );
  }
  if (!has("RoomObject")) {
    mistake(
      "warning",
      "RoomObject",
      "It has connections, and does not export the class of rooms: whoever joins one is refused.",
      "Add: export const RoomObject = holdfast.RoomObject;",
    );
  }
  return mistakes;
}

function isBound({ durable_objects }: WorkerConfig, name: string, className: string): boolean {
  const bindings = durable_objects?.bindings ?? [];
  return bindings.some((one) => one.name === name && one.class_name === className);
}
