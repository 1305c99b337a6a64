import { DEFAULT_LIMITS } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { instanceName, parseInstanceName } from "./instance-name.ts";
import { global, named, resolveKey, session, user } from "./key-strategy.ts";

const request = { session: { id: "s" }, user: null, env: {} };

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

  test("session() and user() lead where the Worker says, and take no key", async () => {
    const asked = { ...request, user: { id: "u" } };
    expect(await resolveKey(session(), null, asked, DEFAULT_LIMITS)).toBe("s");
    expect(await resolveKey(user(), null, asked, DEFAULT_LIMITS)).toBe("u");
    for (const strategy of [session(), user()]) {
      await expect(resolveKey(strategy, "x", asked, DEFAULT_LIMITS)).rejects.toMatchObject({
        code: "KEY_INVALID",
      });
    }
  });

  test("[G18] user() refuses whoever is not logged in", async () => {
    await expect(resolveKey(user(), null, request, DEFAULT_LIMITS)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });

  test("[G18] allow decides by the user, too", async () => {
    const strategy = named({ allow: (key, asked) => key === asked.user?.id });
    const asked = { ...request, user: { id: "u" } };
    expect(await resolveKey(strategy, "u", asked, DEFAULT_LIMITS)).toBe("u");
    await expect(resolveKey(strategy, "u", request, DEFAULT_LIMITS)).rejects.toMatchObject({
      code: "FORBIDDEN",
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

  test("[G18] 1,000,000 pairs have as many names, and each is read back", () => {
    // Short and of few characters, so that pairs would meet if they could.
    const characters = ["a", "/", "%", "2", "F", "5", "ü", "\u0000", ".", "😀"];
    const texts = [""];
    for (let at = 0; texts.length < 1_000; at++) {
      for (const character of characters) texts.push(`${texts[at]}${character}`);
    }
    const names = new Set<string>();
    let unread = 0;
    for (const module of texts.slice(0, 1_000)) {
      for (const key of texts.slice(0, 1_000)) {
        const name = instanceName(module, key);
        names.add(name);
        const read = parseInstanceName(name);
        if (read?.module !== module || read.key !== key) unread++;
      }
    }
    expect(names.size).toBe(1_000_000);
    expect(unread).toBe(0);
  });

  test("a name without a separator is nobody's instance", () => {
    expect(parseInstanceName("secret")).toBeUndefined();
  });
});
