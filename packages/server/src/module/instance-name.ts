import type { ModuleDefinition, Modules } from "./definition.ts";

/**
 * The name of the object that owns one instance. Injective: the parts are escaped, so their
 * separator occurs in neither, and no two (module, key) pairs ever meet. Names without the
 * separator are free for Holdfast's own objects.
 *
 * @param module as storage calls it, see `storedName`
 * @param key well-formed Unicode (`resolveKey` refuses the rest); `""` for fixed keys
 */
export function instanceName(module: string, key: string): string {
  return `${encodeURIComponent(module)}/${encodeURIComponent(key)}`;
}

/** The inverse of `instanceName`; `undefined` for names that it did not make. */
export function parseInstanceName(name: string): { module: string; key: string } | undefined {
  const slash = name.indexOf("/");
  if (slash === -1) return undefined;
  return {
    module: decodeURIComponent(name.slice(0, slash)),
    key: decodeURIComponent(name.slice(slash + 1)),
  };
}

/** What storage calls the module that clients call `name`: that of `defineState` outlives a rename. */
export function storedName(modules: Modules, name: string): string {
  return (Object.hasOwn(modules, name) ? modules[name]?.name : undefined) ?? name;
}

/** The inverse: the module that storage calls so. */
export function moduleStoredAs(modules: Modules, stored: string): ModuleDefinition | undefined {
  const named = Object.hasOwn(modules, stored) ? modules[stored] : undefined;
  if (named && (named.name ?? stored) === stored) return named;
  return Object.values(modules).find(({ name }) => name === stored);
}
