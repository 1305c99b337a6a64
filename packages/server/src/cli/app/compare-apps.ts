import type { ModuleDescription } from "../../module/describe-module.ts";
import type { ConnectionDescription } from "./app-facts.ts";
import type { DeployedApp } from "./deployed-record.ts";

/** What becomes of one module or connection when an app is deployed. */
export interface AppChange {
  readonly what: "module" | "connection";
  readonly name: string;
  readonly change: "new" | "gone" | "renamed" | "different";
  /** In a few words. */
  readonly detail: string;
  /** What is left behind or lost by it, and what to do. */
  readonly warning?: string;
}

/** Compares what is online with what would be. */
export function compareApps(before: DeployedApp, now: DeployedApp): AppChange[] {
  return [
    ...compare("module", before.modules, now.modules),
    // The objects of a connection are those of its class.
    ...compare("connection", before.connections, now.connections, (one) => one.binding),
  ];
}

function compare<Described extends ModuleDescription>(
  what: AppChange["what"],
  before: readonly Described[],
  now: readonly Described[],
  classOf: (one: Described) => string = () => "",
): AppChange[] {
  const placeOf = (one: Described): string => JSON.stringify([classOf(one), one.stored]);
  const places = new Map(before.map((one) => [placeOf(one), one]));
  const left = new Map(places);
  const changes: AppChange[] = [];
  const added: Described[] = [];
  for (const one of now) {
    const other = places.get(placeOf(one));
    left.delete(placeOf(one));
    if (other) changes.push(...differences(what, other, one));
    else added.push(one);
  }
  for (const gone of left.values()) {
    const at = added.findIndex((one) => looksLike(gone, one));
    const [heir] = at < 0 ? [] : added.splice(at, 1);
    changes.push(heir ? renamed(what, gone, heir) : removed(what, gone));
  }
  for (const { name, keys } of added) {
    changes.push({ what, name, change: "new", detail: what === "module" ? keys : "per user" });
  }
  return changes;
}

/** The same shape under another name: somebody has renamed it, most likely. */
function looksLike(one: ModuleDescription, other: ModuleDescription): boolean {
  return one.keys === other.keys && String(one.state) === String(other.state);
}

function renamed(
  what: AppChange["what"],
  before: ModuleDescription | ConnectionDescription,
  now: ModuleDescription | ConnectionDescription,
): AppChange {
  const detail = `was ${before.stored}`;
  if (before.kept === "no") return { what, name: now.name, change: "renamed", detail };
  const mend =
    what === "module"
      ? `Keep the data by telling storage the old name: defineState(…, { name: ${JSON.stringify(before.stored)} }). A class (System) keeps it by its old key in \`modules\`.`
      : `Keep the data by its old name: defineConnection({ name: ${JSON.stringify(before.stored)}, connectionBinding: ${JSON.stringify("binding" in before ? before.binding : before.stored)} }).`;
  return {
    what,
    name: now.name,
    change: "renamed",
    detail,
    warning: `${whatIsRenamed(what, before, now)} The name is a part of every instance's: they keep their data under the old one, and "${now.name}" begins anew. ${mend}`,
  };
}

function whatIsRenamed(
  what: AppChange["what"],
  before: ModuleDescription,
  now: ModuleDescription,
): string {
  return before.name === now.name
    ? `The ${what} "${now.name}" has another class, or another name of its own, than what is online.`
    : `The ${what} "${before.name}" seems to be called "${now.name}" now.`;
}

function removed(what: AppChange["what"], gone: ModuleDescription): AppChange {
  const change = { what, name: gone.name, change: "gone", detail: "is online now" } as const;
  if (gone.kept === "no") return change;
  return {
    ...change,
    warning: `The ${what} "${gone.name}" is online, and is not there any more. What its instances hold stays stored, under its name, where nobody reaches it. Put it back if that is not meant; save what is wanted first: holdfast export ${what === "module" ? gone.name : `connection:${gone.name}`} …`,
  };
}

function differences(
  what: AppChange["what"],
  before: ModuleDescription,
  now: ModuleDescription,
): AppChange[] {
  const changes: AppChange[] = [];
  const { name } = now;
  const different = (detail: string, warning?: string): void => {
    changes.push({ what, name, change: "different", detail, ...(warning && { warning }) });
  };
  if (before.name !== name) {
    different(
      `clients called it ${before.name}`,
      `Pages that are open ask for the ${what} "${before.name}", and clients are told that it is not there until they are loaded again. Nothing stored is lost.`,
    );
  }
  if (before.keys !== now.keys) {
    different(
      `keys: ${before.keys} → ${now.keys}`,
      `The instances of "${name}" go by other keys (${before.keys} → ${now.keys}): what is stored stays under the old ones, where nobody reaches it.`,
    );
  }
  if (before.kept !== now.kept && before.kept !== "no") {
    different(
      `${WHERE[before.kept]} → ${WHERE[now.kept]}`,
      now.kept === "no"
        ? `"${name}" is persisted no longer: its state goes back to the initial one when nobody has been connected for a minute.`
        : undefined,
    );
  }
  if (before.version !== now.version) {
    different(
      `version: ${before.version} → ${now.version}`,
      before.version > now.version
        ? `The version of "${name}" goes back (${before.version} → ${now.version}): instances that were stored since can only be read (SCHEMA_TOO_NEW).`
        : undefined,
    );
  }
  const lost = before.state.filter((key) => !now.state.includes(key));
  if (lost.length > 0 && now.kept !== "no") different(`kept no more: ${lost.join(", ")}`);
  return changes;
}

/** In words. */
export const WHERE: Readonly<Record<ModuleDescription["kept"], string>> = {
  instance: "persisted",
  store: "persisted, with a store",
  no: "ephemeral",
};
