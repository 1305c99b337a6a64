import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, expectTypeOf, test } from "vitest";
import { modules } from "../../../testing/worker/app.ts";
import { createWorker } from "./worker.ts";
import { newSession, TestSocket } from "./worker.fixture.ts";

const holdfast = createWorker({ modules });
let keys = 0;
/** Objects outlive a test: each takes one of its own. */
const freshKey = (): string => `account-${Date.now()}-${keys++}`;
const account = (key: string) => holdfast.instance(env, "account", key).actions;

describe("code of the server calls an instance", () => {
  test("as principal server, typed; what it did is durable and everybody sees it", async () => {
    const key = freshKey();
    const page = await TestSocket.open(`/holdfast/connect/account?key=${key}`, {
      cookie: await newSession(),
    });
    page.say({ type: "hello", protocol: 1, clients: [{ id: "c1", settled: 0 }] });
    await page.take(1);
    const balance = await account(key).deposit(5);
    expectTypeOf(balance).toEqualTypeOf<number>();
    expect(balance).toBe(5);
    expect(await account(key).deposit(2)).toBe(7);
    expect(await page.take(2)).toMatchObject([
      { type: "commit", version: 1 },
      { type: "commit", version: 2 },
    ]);
    const late = await TestSocket.open(`/holdfast/connect/account?key=${key}`, {
      cookie: await newSession(),
    });
    late.say({ type: "hello", protocol: 1, clients: [{ id: "c2", settled: 0 }] });
    expect(await late.take(1)).toMatchObject([{ state: { balance: 7, log: ["/null", "/null"] } }]);
    // @ts-expect-error an account has no such action
    expect(account(key).steal).toBeUndefined();
    // @ts-expect-error a deposit is a number
    void (() => account(key).deposit("5"));
    // @ts-expect-error accounts are named
    void (() => holdfast.instance(env, "account"));
  });

  test("[G11] values of every kind arrive and come back as they are", async () => {
    const seen = new Map([["alice", new Date(5)]]);
    expect(await account(freshKey()).note(seen)).toEqual({ seen, total: 1n });
  });

  test("[G4] [G19] a refusal and a throw leave no trace, and say what a client would be told", async () => {
    const key = freshKey();
    await account(key).deposit(3);
    await expect(account(key).refuse()).rejects.toMatchObject({
      name: "HoldfastError",
      code: "REFUSED",
      message: "The account is closed.",
    });
    const crashed = await account(key)
      .crash()
      .catch((error: unknown) => error);
    expect(crashed).toMatchObject({ code: "ACTION_FAILED" });
    expect(String(crashed)).not.toContain("secret");
    expect(await account(key).deposit(1)).toBe(4);
  });

  test("[G4] past its timeout it is given up and rolled back", async () => {
    const key = freshKey();
    await account(key).deposit(3);
    await expect(account(key).slow()).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(await account(key).deposit(1)).toBe(4);
  });

  test("one instance for everybody takes no key, others need one that can be", async () => {
    expect(await holdfast.instance(env, "counter").actions.increment()).toBeGreaterThan(0);
    expect(() => holdfast.instance(env, "counter", "x")).toThrow(
      expect.objectContaining({ code: "KEY_INVALID" }),
    );
    for (const key of ["", "\ud800", "k".repeat(513)]) {
      expect(() => account(key)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
    }
    expect(() => holdfast.instance(env, "draft")).toThrow(
      expect.objectContaining({ code: "KEY_INVALID" }),
    );
    // @ts-expect-error there is no such module
    expect(() => holdfast.instance(env, "constructor")).toThrow(
      expect.objectContaining({ code: "UNKNOWN_MODULE" }),
    );
  });

  test("a write that storage does not take is BUSY, undone, and may be tried again", async () => {
    const key = freshKey();
    await account(key).deposit(3);
    const stub = exports.ModuleObject.getByName(`account/${key}`);
    await runInDurableObject(stub, (_object, { storage }) => {
      storage.sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON holdfast_journal BEGIN SELECT RAISE(ABORT, 'full'); END",
      );
    });
    await expect(account(key).deposit(1)).rejects.toMatchObject({ code: "BUSY" });
    await runInDurableObject(stub, (_object, { storage }) => {
      storage.sql.exec("DROP TRIGGER full");
    });
    expect(await account(key).deposit(1)).toBe(4);
  });
});

describe("an action calls other instances", () => {
  test("through its env, and has their result", async () => {
    const [mine, theirs] = [freshKey(), freshKey()];
    await account(theirs).deposit(10);
    expect(await account(mine).transfer({ to: theirs, amount: 4 })).toEqual({
      mine: -4,
      theirs: 14,
    });
  });

  test("its own instance: REENTRANT at once, not a deadlock", async () => {
    const mine = freshKey();
    const started = Date.now();
    // It has written, so it holds the turn.
    await expect(account(mine).transfer({ to: mine, amount: 4 })).rejects.toMatchObject({
      code: "REENTRANT",
    });
    expect(Date.now() - started).toBeLessThan(1_500);
    expect(await account(mine).deposit(1)).toBe(1);
  });

  test("in a circle: REENTRANT where it would close, however long; a detour is none", async () => {
    const [a, b, c] = [freshKey(), freshKey(), freshKey()];
    expect(await account(a).pass([b, c])).toEqual([b, c, "end"]);
    expect(await account(a).pass([b, c, a])).toEqual([b, c, "REENTRANT"]);
    expect(await account(a).pass([b, b])).toEqual([b, "REENTRANT"]);
  });

  test("the page that asked for it is told as of any action of its own", async () => {
    const [mine, theirs] = [freshKey(), freshKey()];
    const page = await TestSocket.open(`/holdfast/connect/account?key=${mine}`, {
      cookie: await newSession(),
    });
    page.say({ type: "hello", protocol: 1, clients: [{ id: "c1", settled: 0 }] });
    await page.take(1);
    const order = { to: theirs, amount: 4 };
    page.say({
      type: "action",
      client: "c1",
      seq: 1,
      settled: 0,
      name: "transfer",
      payload: order,
    });
    expect(await page.take(3)).toMatchObject([
      { type: "received", seq: 1 },
      { type: "commit", version: 1 },
      { type: "ack", seq: 1, result: { mine: -4, theirs: 4 } },
    ]);
    const circle = { to: mine, amount: 4 };
    page.say({
      type: "action",
      client: "c1",
      seq: 2,
      settled: 1,
      name: "transfer",
      payload: circle,
    });
    expect(await page.take(2)).toMatchObject([
      { type: "received", seq: 2 },
      { type: "reject", seq: 2, error: { code: "REENTRANT" } },
    ]);
  });
});
