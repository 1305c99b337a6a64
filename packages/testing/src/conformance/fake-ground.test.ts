import { expect, test } from "vitest";
import { runOnFakes } from "./fake-ground.ts";
import { MICRO_SCRIPTS } from "./scripts.ts";

test.each(MICRO_SCRIPTS)("the world's platform: $name", async (script) => {
  expect(await runOnFakes(script)).toEqual(script.hears);
});
