import type { Connection } from "../host/connection.ts";
import type { Platform } from "../host/platform.ts";
import type { SqlPort } from "../storage/sql-port.ts";

/** What lives at a home: an instance; in tests also something that looks at the ground itself. */
export interface Resident {
  /** Resolves when what is under way is over; until then it has to be kept in memory. */
  readonly running: Promise<unknown> | undefined;
  connect(connection: Connection): void;
  receive(connection: Connection, frame: string | ArrayBuffer): void;
  disconnect(connection: Connection): void;
  ring(): Promise<void>;
  /** Resolves when what is stored elsewhere has everything, as far as that can be. */
  flush?(): Promise<void>;
}

/** What it stands on. */
export interface Ground {
  readonly name: string;
  readonly sql: SqlPort;
  readonly platform: Platform;
  readonly connections: () => Iterable<Connection>;
}
