import type { ModuleDefinition } from "@holdfast/server";
import type { Random } from "../random.ts";
import type { Ledger } from "./update-ledger.ts";
import type { UpdatePage } from "./update-world.ts";

/** What a history of updates plays on, and how it is told right from wrong. */
export interface UpdatePlay {
  readonly module: ModuleDefinition;
  /** One page does something at random. */
  readonly act: (page: UpdatePage, ledger: Ledger, random: Random) => void;
  /** The things that a page shows, each there once, with the marks that were made on it. */
  readonly shown: (
    page: UpdatePage,
  ) => { readonly id: number; readonly marks: readonly string[] }[];
  /** At rest: what else is wrong, in words. */
  readonly verdict: (page: UpdatePage, ledger: Ledger) => string[];
}
