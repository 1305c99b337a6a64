import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { instanceName, parseInstanceName } from "./instance-name.ts";
import { global, named, resolveKey } from "./key-strategy.ts";

const request = { session: { id: "s" }, env: {} };

describe("keys", () => {
  test("global() has one instance, and refuses a key", async () => {
    expect(await resolveKey(global(), null, request, DEFAULT_LIMITS)).toBe("");
    await expect(resolveKey(global(), "a", request, DEFAULT_LIMITS)).rejects.toMatchObject({
      code: "KEY_INVALID",
    });
  });

  test("named() takes the key that is asked for", async () => {
    expect(await resolveKey(named(), "general", request, DEFAULT_LIMITS)).toBe("general");
  });

  test.each([
    ["none", null],
    ["an empty one", ""],
    ["half of a surrogate pair", "a\ud800"],
    ["one over 512 bytes", "ü".repeat(257)],
  ])("named() refuses %s", async (_what, key) => {
    await expect(resolveKey(named(), key, request, DEFAULT_LIMITS)).rejects.toMatchObject({
      code: "KEY_INVALID",
    });
  });

  test("[G18] allow decides by key and session", async () => {
    const strategy = named({ allow: (key, { session }) => key === `room-${session.id}` });
    expect(await resolveKey(strategy, "room-s", request, DEFAULT_LIMITS)).toBe("room-s");
    await expect(resolveKey(strategy, "room-t", request, DEFAULT_LIMITS)).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });
});

describe("instance names", () => {
  test("no two (module, key) pairs meet, and every name can be read back", () => {
    const parts = ["", "a", "b", "a/b", "/", "%", "%2F", "a%2Fb", "ü", "\u0000", ":", "😀"];
    const names = new Map<string, string>();
    for (const module of parts) {
      for (const key of parts) {
        const name = instanceName(module, key);
        expect(names.get(name), name).toBeUndefined();
        names.set(name, module);
        expect(parseInstanceName(name)).toEqual({ module, key });
      }
    }
  });

  test("a name without a separator is nobody's instance", () => {
    expect(parseInstanceName("secret")).toBeUndefined();
  });
});
