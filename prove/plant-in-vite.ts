import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import { type Edit, edited, fileOf } from "./plant.ts";

/** The file with the edits of a test run that is to find them; see `hunt-by-test.ts`. */
export const PLANTED = "HOLDFAST_PLANTED";

/** Plants edits in the sources that tests run, if this run is asked to: otherwise nothing. */
export function plantInVite(): Plugin[] {
  const list = process.env[PLANTED];
  if (list === undefined) return [];
  // True because the hunter has written it.
  const edits = JSON.parse(readFileSync(list, "utf8")) as readonly Edit[];
  const byFile = Map.groupBy(edits, fileOf);
  return [
    {
      name: "holdfast:planted",
      enforce: "pre",
      transform: (code, id) => {
        const here = byFile.get(id.split("?")[0] ?? id);
        return here?.reduce((text, edit) => edited(text, edit), code);
      },
    },
  ];
}
