import { DEFAULT_LIMITS, type Limits } from "@holdfast/protocol";
import type { ConnectionDefinition } from "../connection/define-connection.ts";
import type { Modules } from "../module/definition.ts";
import { createModuleObject, type ModuleObjectClass } from "./module-object.ts";

/**
 * The Durable Object class of a connection: an object per user. Export it under the connection's
 * `connectionBinding`; `createWorker({ connections })` leads sockets there.
 *
 * @param options.limits those of `createWorker`, where they differ from the defaults
 *
 * @example
 * export const UserConnection = createConnectionHandler(connection);
 */
export function createConnectionHandler(
  connection: ConnectionDefinition,
  options: { readonly limits?: Partial<Limits> } = {},
): ModuleObjectClass {
  const { name } = connection;
  const modules: Modules = Object.defineProperty({}, name, {
    enumerable: true,
    // Not before all of its events are there.
    get: () => connection.module,
  });
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return createModuleObject(modules, limits, { usesSystems: false });
}
