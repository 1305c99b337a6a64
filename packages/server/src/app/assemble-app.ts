import { DEFAULT_LIMITS, type Limits } from "@holdfast/protocol";
import type { Authenticate } from "../admission/authenticate.ts";
import { checkConnections } from "../connection/check-connections.ts";
import type { Connections } from "../connection/define-connection.ts";
import type { ModuleEntries, Modules } from "../module/definition.ts";
import { checkModules } from "../system/check-modules.ts";
import { modulesOf } from "../system/modules-of.ts";

/** What an author hands over, wherever the app is to run. */
export interface AppOptions<Env = unknown> {
  readonly modules: ModuleEntries;
  readonly connections?: Connections;
  readonly authenticate?: Authenticate<Env>;
  readonly limits?: Partial<Limits>;
}

/** An app, checked and complete: what every platform runs it from. */
export interface AppParts {
  readonly modules: Modules;
  readonly connections: Connections;
  readonly authenticate: Authenticate | undefined;
  readonly limits: Limits;
}

/**
 * Puts together what an author has declared.
 *
 * @throws HoldfastError `DEFINITION_INVALID` for an empty or misnamed module, or for connections that
 * cannot be told apart
 */
export function assembleApp<Env>(options: AppOptions<Env>): AppParts {
  const { modules, connections = {}, authenticate, limits } = options;
  checkModules(modules);
  checkConnections(connections);
  return {
    modules: modulesOf(modules),
    connections,
    // What it gets as `env` is what the platform hands out as that: what it asked for.
    authenticate: authenticate as Authenticate | undefined,
    limits: { ...DEFAULT_LIMITS, ...limits },
  };
}
