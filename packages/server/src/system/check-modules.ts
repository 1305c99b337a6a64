import { HoldfastError } from "@holdfast/protocol";
import type { ModuleEntries } from "../module/definition.ts";
import { isSystemClass } from "./modules-of.ts";

/** @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module, or one that is not built */
export function checkModules(modules: ModuleEntries): void {
  for (const [name, module] of Object.entries(modules)) {
    const isFinished = isSystemClass(module) || module?.actions instanceof Map;
    if (isFinished && name !== "" && name.isWellFormed()) continue;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `"${name}" in \`modules\` is not a finished module. Did you forget .build()?`,
    );
  }
}
