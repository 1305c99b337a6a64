import type { ActionContext } from "./action-context.ts";
import type { ConnectionEngine } from "./connection-engine.ts";
import type { CreatedContext } from "./hooks.ts";
import type { StreamSource } from "./stream.ts";

/** What an instance has in memory, and nowhere else. */
export interface InstanceMemory {
  /** What belongs to the instance while it is in memory, by whoever put it there. */
  readonly kept: Map<object, unknown>;
  /** The committed state, raw: read it at once, never write to it, never keep it. */
  readonly committed: () => object;
}

/** A context as the engine makes it; authors see less of it. */
export interface EngineContext extends ActionContext<object> {
  readonly memory: InstanceMemory;
  /** For the handlers of a connection only. */
  readonly connectionEngine: ConnectionEngine;
}

/** The same of the context of `onCreated`. */
export interface EngineCreatedContext extends CreatedContext {
  readonly memory: InstanceMemory;
  readonly streams: StreamSource;
}
