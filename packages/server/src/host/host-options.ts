import type { Limits } from "@holdfast/protocol";
import type { ModuleDefinition } from "../module/definition.ts";
import type { SqlPort } from "../storage/sql-port.ts";
import type { MovePort } from "./move/move.ts";
import type { Platform } from "./platform.ts";
import type { Loaded } from "./restore.ts";
import type { RoomsPort } from "./rooms/rooms.ts";

/** What a host is made of. */
export interface HostOptions {
  readonly module: ModuleDefinition;
  /** What storage calls the module. */
  readonly name: string;
  /** The instance's key; `""` where there is one instance. */
  readonly key: string;
  readonly sql: SqlPort;
  readonly platform: Platform;
  readonly limits: Limits;
  /** The Worker's environment, for actions. */
  readonly env: unknown;
  /** Calls to other instances of the module; needed where the key is derived from the state. */
  readonly port?: MovePort;
  /** What a connection's instance needs of other objects; without it there are no rooms. */
  readonly rooms?: RoomsPort | undefined;
  /** The state of a session has ended: another host has to be made for whoever comes. */
  readonly onExpired?: () => void;
  /** What the module's store has, where it was asked. */
  readonly loaded?: Loaded | undefined;
}
