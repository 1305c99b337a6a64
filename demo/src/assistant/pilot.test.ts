import { describe, expect, test, vi } from "vitest";
import { open, startDemo, watched } from "../demo-app.fixture.ts";

/** The pilot's words come in real time. */
const PATIENCE = { timeout: 20_000 };

describe("the pilot", () => {
  test("an answer is read as it comes, and ends in every window once somebody says stop", async () => {
    using demo = startDemo();
    const [ann, bob] = [1, 2].map(() => watched(open(demo.page()).module("pilot")));
    const asked = ann?.actions.ask("Where is the water deep?");
    await vi.waitFor(async () => {
      await demo.pass(50);
      expect(bob?.stream("answer").getSnapshot().text).toMatch(/^You ask: Where is the water deep/);
    }, PATIENCE);
    await bob?.actions.stop();
    await asked?.catch(() => {});
    await demo.pass(1_000);
    for (const one of [ann, bob]) {
      expect(one?.stream("answer").getSnapshot()).toMatchObject({
        status: "error",
        error: "stopped",
      });
    }
  });

  test("an answer that a dead server cut short keeps what had come, and says so", async () => {
    using demo = startDemo();
    const pilot = watched(open(demo.page()).module("pilot"));
    pilot.actions.ask("How do I get home from here?").catch(() => {});
    await vi.waitFor(async () => {
      await demo.pass(300);
      expect(pilot.getSnapshot().state?.answer.text.length).toBeGreaterThan(10);
    }, PATIENCE);
    demo.kill();
    await demo.pass(60_000);
    const answer = pilot.getSnapshot().state?.answer;
    expect(answer).toMatchObject({ status: "error", error: "interrupted" });
    expect(answer?.text).toMatch(/^You ask: How /);
  });

  test("nothing is asked by an empty question", async () => {
    using demo = startDemo();
    const { actions } = watched(open(demo.page()).module("pilot"));
    await expect(actions.ask("  ")).rejects.toMatchObject({ code: "REFUSED" });
  });
});
