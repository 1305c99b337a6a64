import { expect, test } from "vitest";
import { play } from "./play.ts";
import type { Script } from "./step.ts";

/**
 * What once broke a guarantee, as `npm run prove -- converge` made it smaller and printed it ("as
 * data"): seeds tell another history whenever the generator changes, scripts do not.
 */
const KEPT: Record<string, Script> = {
  "what is put in front of an empty list comes behind what another action put there meanwhile": {
    seed: 1459,
    durability: "each statement",
    principals: ["user-3"],
    limits: "usual",
    past: { frames: 0, commitsPerFrame: 0 },
    steps: [
      {
        type: "act",
        page: 0,
        actions: [
          {
            name: "serial",
            edits: ["unshift", "filter"],
            pace: {
              behind: [
                { type: "pause", ms: 2_500 },
                { type: "pause", ms: 20 },
              ],
            },
            foresight: "none",
          },
          { name: "edit", edits: ["unshift"], foresight: "none" },
        ],
        seed: 345_017_543,
        deliveries: 0,
        pauseMs: 0,
      },
    ],
  },
};

test.each(Object.entries(KEPT))("%s: not any more", async (_, script) => {
  expect((await play(script)).breach).toBeUndefined();
});
