import { describe, expect, test } from "vitest";
import { derivedId } from "./derived-id.ts";

const CLIENT = "Zk3vLx8Qp_0aT-9bRwYcMd";

describe("derivedId", () => {
  test("is 32 hex digits, the same wherever it is asked for", () => {
    expect(derivedId(CLIENT, 7, 0)).toMatch(/^[0-9a-f]{32}$/);
    expect(derivedId(CLIENT, 7, 0)).toBe(derivedId(CLIENT, 7, 0));
    // Client and server may be of different builds: a change of the function is a change of the wire.
    expect(derivedId(CLIENT, 7, 0)).toBe("e015200a0bce998f77ed3edb9d0dd686");
  });

  test("is another for every client, sequence and ordinal", () => {
    const ids = new Set<string>();
    for (let client = 0; client < 20; client++) {
      for (let seq = 1; seq <= 100; seq++) {
        for (let ordinal = 0; ordinal < 10; ordinal++)
          ids.add(derivedId(`${CLIENT}${client}`, seq, ordinal));
      }
    }
    expect(ids.size).toBe(20 * 100 * 10);
    expect(derivedId("a", 1, 11)).not.toBe(derivedId("a", 11, 1));
    expect(derivedId("a:1", 1, 1)).not.toBe(derivedId("a", 1, 1));
  });

  test("neighbours share no more than chance: each of the 128 bits flips about every other time", () => {
    const flips = Array.from({ length: 128 }, () => 0);
    const runs = 2_000;
    for (let seq = 1; seq <= runs; seq++) {
      const difference =
        BigInt(`0x${derivedId(CLIENT, seq, 0)}`) ^ BigInt(`0x${derivedId(CLIENT, seq + 1, 0)}`);
      for (let bit = 0; bit < 128; bit++) flips[bit]! += Number((difference >> BigInt(bit)) & 1n);
    }
    // Six standard deviations around one half.
    const tolerance = 6 * Math.sqrt(runs) * 0.5;
    for (const count of flips) expect(Math.abs(count - runs / 2)).toBeLessThan(tolerance);
  });
});
