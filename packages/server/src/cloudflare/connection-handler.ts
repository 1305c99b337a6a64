import { DEFAULT_LIMITS, type Limits } from "@holdfast/protocol";
import type { ConnectionDefinition, Connections } from "../connection/define-connection.ts";
import type { Modules } from "../module/definition.ts";
import { createModuleObject, type ModuleObjectClass } from "./module-object.ts";

/**
 * The Durable Object class of a connection: an object per user. Export it under the connection's
 * `connectionBinding`; `createWorker({ connections })` leads sockets there, and its limits count here.
 *
 * @example
 * export const UserConnection = createConnectionHandler(connection);
 */
export function createConnectionHandler(connection: ConnectionDefinition): ModuleObjectClass {
  const { name } = connection;
  const modules: Modules = Object.defineProperty({}, name, {
    enumerable: true,
    // Not before all of its events are there.
    get: () => connection.module,
  });
  // Nor before its Worker is: which of the two is made first is up to the app.
  const limits = (): Limits => limitsOf.get(connection) ?? DEFAULT_LIMITS;
  return createModuleObject(modules, limits, { usesSystems: false });
}

/** The limits of a Worker count for its connections as they do for its modules. */
export function limitConnections(connections: Connections, limits: Limits): void {
  for (const connection of Object.values(connections)) limitsOf.set(connection, limits);
}

const limitsOf = new WeakMap<ConnectionDefinition, Limits>();
