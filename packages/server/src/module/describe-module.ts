import type { ModuleDefinition, Modules } from "./definition.ts";
import type { KeyStrategy } from "./key-strategy.ts";

/**
 * A module as a tool sees it: where its state is, and by what it would be known again under another
 * name. Plain data.
 */
export interface ModuleDescription {
  /** What clients call it. */
  readonly name: string;
  /** What storage calls it: a part of the name of every instance. */
  readonly stored: string;
  readonly keys: KeyStrategy["type"];
  /** Where its state is kept: with the instance, in a store of its own as well, or not for long. */
  readonly kept: "instance" | "store" | "no";
  /** The version of the state's shape. */
  readonly version: number;
  /** The keys of the state that are kept, in their order by the alphabet. */
  readonly state: readonly string[];
}

export function describeModules(modules: Modules): ModuleDescription[] {
  return Object.entries(modules).map(([name, module]) => describeModule(name, module));
}

export function describeModule(name: string, module: ModuleDefinition): ModuleDescription {
  const { strategy, ephemeral, home, version, initial } = module;
  const goes = (key: string): boolean => ephemeral === "all" || ephemeral.includes(key);
  return {
    name,
    stored: module.name ?? name,
    keys: strategy.type,
    kept: ephemeral === "all" ? "no" : home ? "store" : "instance",
    version,
    state: Object.keys(initial)
      .filter((key) => !goes(key))
      .sort(),
  };
}
