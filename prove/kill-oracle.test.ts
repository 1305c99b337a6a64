import { expect, test } from "vitest";
import { KillOracle } from "./kill-oracle.ts";
import type { Ledger } from "./ledger.ts";
import { WireClient } from "./wire-client.ts";

function setUp(): { oracle: KillOracle; ack: (n: number, count: number, total: number) => void } {
  const oracle = new KillOracle();
  const client = new WireClient({
    id: "a",
    window: 1,
    batched: false,
    observer: oracle,
    openSocket: () => {
      throw new Error("nothing is sent here");
    },
  });
  let seq = 0;
  const ack = (n: number, count: number, total: number): void => {
    oracle.sent(client, ++seq, { type: "mark", n });
    oracle.answered(client, seq, { type: "ack", version: total, result: { count, total } });
  };
  return { oracle, ack };
}

function ledger(changes: Partial<Ledger>): Ledger {
  return {
    clients: new Map([["a", { last: 2, count: 2 }]]),
    disorder: [],
    log: ["a:1", "a:2"],
    total: 2,
    blobs: {},
    at: new Date(0),
    ...changes,
  };
}

test("what was acknowledged once, in order, and is there, is right", () => {
  const { oracle, ack } = setUp();
  ack(1, 1, 1);
  ack(2, 2, 2);
  oracle.judge(ledger({}), 2, "now");
  expect(oracle.failures).toEqual([]);
  expect([oracle.lost, oracle.doubled, oracle.disordered, oracle.diverged]).toEqual([0, 0, 0, 0]);
});

test("an acknowledged action that the state does not have is lost", () => {
  const { oracle, ack } = setUp();
  ack(1, 1, 1);
  ack(2, 2, 2);
  const clients = new Map([["a", { last: 1, count: 1 }]]);
  oracle.judge(ledger({ clients, log: ["a:1"], total: 1 }), 1, "now");
  expect(oracle.lost).toBeGreaterThan(0);
});

test("an action that was applied twice is doubled", () => {
  const { oracle, ack } = setUp();
  ack(1, 1, 1);
  ack(2, 3, 3);
  expect(oracle.doubled).toBe(1);
  oracle.judge(ledger({ clients: new Map([["a", { last: 2, count: 3 }]]), total: 3 }), 3, "now");
  expect(oracle.doubled).toBe(2);
});

test("an action that overtook another is out of order", () => {
  const { oracle, ack } = setUp();
  ack(2, 1, 1);
  expect(oracle.disordered).toBe(1);
  oracle.judge(ledger({ log: ["a:2", "a:1"] }), 2, "now");
  expect(oracle.disordered).toBe(2);
  oracle.judge(ledger({ disorder: [{ client: "a", n: 2, last: 0 }] }), 2, "now");
  expect(oracle.disordered).toBe(3);
});

test("two actions that were given the same total come from two histories", () => {
  const { oracle, ack } = setUp();
  ack(1, 1, 1);
  ack(2, 2, 1);
  expect(oracle.lost).toBe(1);
});
