import { HoldfastError } from "@holdfast/protocol";
import type { ModuleEntries } from "../module/definition.ts";
import { isSystemClass } from "./modules-of.ts";

/** @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module, or one that is not built */
export function checkModules(modules: ModuleEntries): void {
  const stored = new Map<string, string>();
  for (const [name, module] of Object.entries(modules)) {
    const isFinished = isSystemClass(module) || module?.actions instanceof Map;
    if (isFinished && name !== "" && name.isWellFormed()) {
      const own = isSystemClass(module) ? name : (module.name ?? name);
      const other = stored.get(own);
      if (other !== undefined) refuseSameName(own, other, name);
      stored.set(own, name);
      continue;
    }
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `"${name}" in \`modules\` is not a finished module. Did you forget .build()?`,
    );
  }
}

function refuseSameName(stored: string, one: string, other: string): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `"${one}" and "${other}" in \`modules\` would both be stored as "${stored}", and share their instances. Give one of them another name: defineState(…, { name }).`,
  );
}
