import {
  type ClientLimits,
  EXPLAIN,
  HoldfastError,
  type ServerMessage,
  type Value,
} from "@holdfast/protocol";
import type { Environment } from "./environment.ts";
import type { Recipe } from "./store/step.ts";

/**
 * A part of a client that not every page needs. It is handed in, so that a bundle without it does
 * not hold it.
 */
export interface Part<Inside extends InstancePart, Handle> {
  /** What it does at one instance. */
  readonly create: (site: PartSite) => Inside;
  /**
   * What users have of it, at an instance that may not be open yet.
   *
   * @param look gives that of an open one
   * @param open opens it
   */
  readonly handle: (
    look: () => Inside | undefined,
    open: () => Inside,
    instance: PartSource,
  ) => Handle;
}

/** What an instance tells its parts. */
export interface InstancePart {
  /** A frame that was taken in. */
  readonly receive?: (messages: readonly ServerMessage[]) => void;
  /** The link is gone. */
  readonly down?: () => void;
  /** What is here was for somebody else to see. */
  readonly forget?: () => void;
}

/** What a part may use of its instance. */
export interface PartSite {
  readonly environment: Environment;
  readonly limits: ClientLimits;
  readonly send: (frame: string) => void;
  /** What is shown. */
  readonly getState: () => Value;
  readonly update: (recipe: Recipe) => Promise<void>;
  /** Keeps the instance until the returned function is called. */
  readonly hold: () => () => void;
}

/** An instance from outside, open or not. */
export interface PartSource {
  readonly getSnapshot: () => { readonly state: unknown };
  readonly subscribe: (listener: () => void) => () => void;
}

/** The client was made without a part that it is asked for. */
export function missingPart(name: string): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    EXPLAIN && `This client has no ${name}. Pass { ${name} } to createClient or createCoreHooks.`,
  );
}
