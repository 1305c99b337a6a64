import type { ModuleDefinition, ModuleEntries, Modules } from "../module/definition.ts";
import type { SystemClass } from "../module/system-class.ts";
import { System } from "./system.ts";
import { systemModule } from "./system-module.ts";

/**
 * The definitions of an app's modules. That of a class is made when it is first asked for, not when
 * the Worker starts: constructing one may need what the platform gives to requests only.
 */
export function modulesOf(entries: ModuleEntries): Modules {
  const modules: Record<string, ModuleDefinition> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (!isSystemClass(entry)) {
      modules[name] = entry;
      continue;
    }
    let definition: ModuleDefinition | undefined;
    Object.defineProperty(modules, name, {
      enumerable: true,
      get: () => (definition ??= systemModule(entry)),
    });
  }
  return modules;
}

export function isSystemClass(entry: ModuleDefinition | SystemClass): entry is SystemClass {
  return typeof entry === "function" && entry.prototype instanceof System;
}
