import { describe, expect, test } from "vitest";
import { Sessions } from "./session.ts";

const DAY = 24 * 60 * 60;

async function open(secrets: [string, ...string[]], clock = { now: 0 }) {
  return Sessions.open(secrets, 100 * DAY, () => clock.now);
}

describe("sessions", () => {
  test("[G18] one is proven by its own text only", async () => {
    const sessions = await open(["secret"]);
    const token = await sessions.mint();
    const proven = await sessions.verify(token);
    expect(proven?.id).toBe(token.split(".")[0]);
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === "A" ? "B" : "A";
      const forged = token.slice(0, at) + other + token.slice(at + 1);
      // The last character of a signature has two bits that mean nothing.
      if (at === token.length - 1) continue;
      expect(await sessions.verify(forged), forged).toBeUndefined();
    }
  });

  test.each([
    ["nothing", ""],
    ["a path", "../secret.1.AAAA"],
    ["an id with a slash", `${"a/".repeat(11)}.zzzzzz.${"A".repeat(43)}`],
    ["an id with an escape", `${"%2F".padEnd(22, "a")}.zzzzzz.${"A".repeat(43)}`],
    ["more parts", `${"a".repeat(22)}.1.2.${"A".repeat(43)}`],
  ])("[G18] %s proves none", async (_what, token) => {
    expect(await (await open(["secret"])).verify(token)).toBeUndefined();
  });

  test("[G18] one that is over proves nothing; its end cannot be moved", async () => {
    const clock = { now: 0 };
    const sessions = await open(["secret"], clock);
    const token = await sessions.mint();
    clock.now = 100 * DAY * 1_000 - 1;
    expect(await sessions.verify(token)).toMatchObject({ isOld: true });
    clock.now = 100 * DAY * 1_000;
    expect(await sessions.verify(token)).toBeUndefined();
    const [id, , signature] = token.split(".");
    expect(await sessions.verify(`${id}.zzzzzz.${signature}`)).toBeUndefined();
  });

  test("it is renewed in the second half of its time, and stays the same session", async () => {
    const clock = { now: 0 };
    const sessions = await open(["secret"], clock);
    const token = await sessions.mint();
    clock.now = 49 * DAY * 1_000;
    expect(await sessions.verify(token)).toMatchObject({ isOld: false });
    clock.now = 51 * DAY * 1_000;
    const proven = await sessions.verify(token);
    expect(proven?.isOld).toBe(true);
    const renewed = await sessions.mint(proven?.id);
    clock.now = 120 * DAY * 1_000;
    expect(await sessions.verify(renewed)).toMatchObject({ id: token.split(".")[0] });
  });

  test("secrets are rotated: the newest signs, those behind it still verify", async () => {
    const old = await (await open(["old"])).mint();
    const both = await open(["new", "old"]);
    expect(await both.verify(old)).toBeDefined();
    const token = await both.mint();
    expect(await (await open(["new"])).verify(token)).toBeDefined();
    expect(await (await open(["new"])).verify(old)).toBeUndefined();
    expect(await (await open(["old"])).verify(token)).toBeUndefined();
  });
});
