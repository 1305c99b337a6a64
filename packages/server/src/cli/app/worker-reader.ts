import type { ConnectionDefinition, Connections } from "../../connection/define-connection.ts";
import type { ModuleEntries } from "../../module/definition.ts";
import { describeModule, describeModules } from "../../module/describe-module.ts";
import { checkModules } from "../../system/check-modules.ts";
import { modulesOf } from "../../system/modules-of.ts";
import type { AppFacts, ExportedClass } from "./app-facts.ts";

/**
 * Stands in for `@holdfast/server/cloudflare` while an app is read: the Worker's code runs, nothing is
 * served, and what it was made of is remembered.
 */
export function createWorker(options: App): object {
  checkModules(options.modules);
  apps.push(options);
  class ModuleObject {}
  class RoomObject {}
  classes.set(ModuleObject, { is: "modules" });
  classes.set(RoomObject, { is: "rooms" });
  return {
    ModuleObject,
    RoomObject,
    fetch: unserved,
    instance: unserved,
    createSnapshot: unserved,
  };
}

/** As above. */
export function createConnectionHandler({ connectionBinding }: ConnectionDefinition): object {
  class ConnectionObject {}
  classes.set(ConnectionObject, { is: "connection", binding: connectionBinding });
  return ConnectionObject;
}

/**
 * @param entry what the Worker's entry exports
 */
export function describeApp(entry: Readonly<Record<string, unknown>>): AppFacts {
  const exported = Object.entries(entry).flatMap(([name, value]): ExportedClass[] => {
    const what = classOf(value);
    return what ? [{ name, ...what }] : [];
  });
  return {
    makesWorker: apps.length > 0,
    exports: exported,
    modules: apps.flatMap(({ modules }) => describeModules(modulesOf(modules))),
    connections: apps.flatMap(({ connections = {} }) =>
      Object.entries(connections).map(([name, { connectionBinding, module }]) => ({
        ...describeModule(name, module),
        binding: connectionBinding,
      })),
    ),
  };
}

interface App {
  readonly modules: ModuleEntries;
  readonly connections?: Connections;
}

type What = { is: "modules" | "rooms" } | { is: "connection"; binding: string };

const apps: App[] = [];
const classes = new Map<unknown, What>();

/** Also that of a class that extends it. */
function classOf(value: unknown): What | undefined {
  for (let one = value; typeof one === "function"; one = Object.getPrototypeOf(one)) {
    const what = classes.get(one);
    if (what) return what;
  }
  return undefined;
}

function unserved(): never {
  throw new Error("Holdfast reads this app: nothing is served, and no instance is there.");
}
