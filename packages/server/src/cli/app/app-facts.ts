import type { ModuleDescription } from "../../module/describe-module.ts";

/** A connection, as a tool sees it: a module of a class of its own. */
export interface ConnectionDescription extends ModuleDescription {
  /** The class that has to be exported for it. */
  readonly binding: string;
}

/** A class of Holdfast's that the Worker's entry exports. */
export type ExportedClass = { readonly name: string } & (
  | { readonly is: "modules" | "rooms" }
  | { readonly is: "connection"; readonly binding: string }
);

/** What an app turned out to be made of when its Worker's code ran. Plain data. */
export interface AppFacts {
  /** It has called `createWorker`. */
  readonly makesWorker: boolean;
  readonly modules: readonly ModuleDescription[];
  readonly connections: readonly ConnectionDescription[];
  readonly exports: readonly ExportedClass[];
}
