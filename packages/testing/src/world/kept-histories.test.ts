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
  "who goes while nobody is awake is taken back from the others": {
    seed: 63_313,
    durability: "each event",
    principals: ["user-5", "user-5", "user-1", "user-3", "user-1"],
    limits: "usual",
    past: { frames: 0, commitsPerFrame: 0 },
    steps: [
      { type: "second tab", page: 10, seed: 1_446_509_865, deliveries: 0, pauseMs: 0 },
      { type: "show", page: 25, isShown: true, seed: 1_191_021_283, deliveries: 0, pauseMs: 0 },
      { type: "evict", sockets: "hibernate", seed: 1_759_508_792, deliveries: 2, pauseMs: 234 },
      { type: "evict", sockets: "hibernate", seed: 581_618_722, deliveries: 0, pauseMs: 0 },
      { type: "unanswered", page: 1, seed: 588_083_479, deliveries: 1, pauseMs: 0 },
    ],
  },
};

test.each(Object.entries(KEPT))("%s: not any more", async (_, script) => {
  expect((await play(script)).breach).toBeUndefined();
});
