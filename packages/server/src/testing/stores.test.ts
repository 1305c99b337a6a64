import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sqliteStore } from "../node/sqlite-store.ts";
import { memoryStore } from "../stores/memory-store.ts";
import { redisStore } from "../stores/redis-store.ts";
import { checkStateStore, type StoreReport } from "./check-state-store.ts";
import { RedisServer } from "./redis-server.fixture.ts";

const PATIENCE_MS = 60_000;
const reports = new Map<string, StoreReport>();

async function report(name: string, checking: Promise<StoreReport>): Promise<StoreReport> {
  const report = await checking;
  reports.set(name, report);
  return report;
}

/** What the acceptance suite found, as a table. */
function table(): string[] {
  const names = [...reports.keys()];
  const [first] = reports.values();
  return (first?.results ?? []).map(({ promise }, row) => {
    const cells = names.map((name) => {
      const outcome = reports.get(name)?.results[row]?.outcome;
      return outcome === "kept" ? "yes" : outcome === "none" ? "no" : "BROKEN";
    });
    return `| ${[promise, ...cells].join(" | ")} |`;
  });
}

describe("the acceptance suite", () => {
  test("memoryStore keeps what it promises, and does not promise to outlive its process", async () => {
    const { failures, results } = await report(
      "memoryStore",
      checkStateStore(() => ({ store: memoryStore() })),
    );
    expect(failures).toEqual([]);
    expect(results.filter(({ outcome }) => outcome === "none")).toHaveLength(1);
  });

  test("sqliteStore keeps everything", async () => {
    const checking = checkStateStore(async () => {
      const folder = await mkdtemp(join(tmpdir(), "holdfast-sqlite-store-"));
      const path = join(folder, "states.sqlite");
      const opened = [sqliteStore(path)];
      return {
        // There is one.
        store: opened[0]!,
        reopen: () => {
          const again = sqliteStore(path);
          opened.push(again);
          return again;
        },
        close: async () => {
          for (const store of opened) store.close();
          await rm(folder, { recursive: true });
        },
      };
    });
    const { failures, results } = await report("sqliteStore", checking);
    expect(failures).toEqual([]);
    expect(results.every(({ outcome }) => outcome === "kept")).toBe(true);
  });

  test(
    "redisStore keeps everything, on a real Redis",
    async () => {
      await using server = await RedisServer.start();
      const client = await server.connect();
      const other = await server.connect();
      const checking = checkStateStore(() => ({
        store: redisStore({ client }),
        // Another client of the same Redis is what another process would have.
        reopen: () => redisStore({ client: other }),
      }));
      const { failures, results } = await report("redisStore", checking);
      await client.close();
      await other.close();
      expect(failures).toEqual([]);
      expect(results.every(({ outcome }) => outcome === "kept")).toBe(true);
    },
    PATIENCE_MS,
  );

  test("where there is no Redis, the tests say how to get one", async () => {
    await expect(RedisServer.start("no-such-redis-server")).rejects.toThrow(
      "sudo apt-get install redis-server",
    );
  });

  test("docs/stores.md has the table that it prints", () => {
    const page = readFileSync(new URL("../../../../docs/stores.md", import.meta.url), "utf8");
    const lines = page.split("\n");
    const start = lines.findIndex((line) => line.startsWith("| what is promised"));
    const rows = lines.slice(start + 2, lines.indexOf("", start));
    // The formatter pads cells.
    expect(rows.map((row) => row.replaceAll(/\s+/g, " "))).toEqual(table());
  });
});

afterAll(() => {
  if (process.env["HOLDFAST_PRINT"]) console.log(table().join("\n"));
});

describe("keys of the stores that Holdfast brings along", () => {
  const store = memoryStore({ key: (state: { id?: string | null }) => state.id ?? null });

  test("modules and keys never meet, whatever characters they hold", () => {
    const parts = ["a", "a/b", "a%2Fb", "/", "b", "ä", " "];
    const keys = parts.flatMap((module) =>
      parts.map((id) => store.resolveKey({ id }, module, "somebody")),
    );
    expect(new Set(keys).size).toBe(parts.length ** 2);
  });

  test("there is none where the function gives none; by default there is one for each session", () => {
    expect(store.resolveKey({ id: null }, "notes", "somebody")).toBeNull();
    const plain = memoryStore();
    expect(plain.resolveKey({}, "notes", "one")).not.toBe(plain.resolveKey({}, "notes", "two"));
  });
});

describe("the suite finds what is broken", () => {
  const broken = async (change: (store: ReturnType<typeof memoryStore>) => object) => {
    const { failures } = await checkStateStore(() => {
      const store = memoryStore();
      return { store: { ...store, ...change(store) } };
    });
    return failures.join("\n");
  };

  test("a store that loses what JSON loses", async () => {
    const failures = await broken(({ save }) => ({
      save: (key: string, state: object) =>
        save(
          key,
          JSON.parse(JSON.stringify(state, (_, value) => (typeof value === "bigint" ? 0 : value))),
        ),
    }));
    expect(failures).toContain("Every kind of value comes back as it was");
  });

  test("a store that merges into what was there", async () => {
    const failures = await broken(({ load, save }) => ({
      save: async (key: string, state: object) =>
        save(key, { ...((await load(key)) as object | undefined), ...state }),
    }));
    expect(failures).toContain("A save takes the place of the one before");
  });

  test("a store that saves piece by piece", async () => {
    const failures = await broken(({ load, save }) => ({
      save: async (key: string, { n, ...rest }: { n?: number }) => {
        await save(key, rest);
        // Those that came last end first.
        await new Promise((resolve) => setTimeout(resolve, 20 - (n ?? 20)));
        if (n !== undefined) await save(key, { ...((await load(key)) as object), n });
      },
    }));
    expect(failures).toContain("Saves that overlap leave one of them");
  });

  test("a store that says it has saved before it has", async () => {
    const failures = await broken(({ save }) => ({
      save: async (key: string, state: object) => void setTimeout(() => save(key, state), 20),
    }));
    expect(failures).toContain("With saveBeforeAck");
  });

  test("a store whose keys are too short", async () => {
    const failures = await broken(({ load, save }) => ({
      save: (key: string, state: object) => save(key.slice(0, 500), state),
      load: (key: string) => load(key.slice(0, 500)),
    }));
    expect(failures).toContain("No two keys ever meet");
  });

  test("a store that does not delete", async () => {
    const failures = await broken(() => ({ delete: async () => {} }));
    expect(failures).toContain("A deleted key is gone");
    expect(failures).toContain("Destroying an instance deletes its key");
  });
});
