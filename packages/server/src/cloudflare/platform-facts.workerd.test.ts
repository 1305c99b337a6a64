import { runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";

/**
 * What the engine rests upon and the deterministic world does not imitate; what it does is held
 * against workerd by `packages/testing/src/conformance`.
 */
function inObject(work: (state: DurableObjectState) => Promise<void>): Promise<void> {
  const stub = exports.TestObject.getByName(crypto.randomUUID());
  return runInDurableObject(stub, async (_, state) => work(state));
}

test("a transaction that throws takes back rows, values and the alarm, and memory it does not", () =>
  inObject(async ({ storage }) => {
    storage.sql.exec("CREATE TABLE facts (n)");
    storage.kv.put("fact", "before");
    await storage.setAlarm(Date.now() + 1_000_000);
    const alarm = await storage.getAlarm();
    let memory = 0;
    const failing = (): void =>
      storage.transactionSync(() => {
        storage.sql.exec("INSERT INTO facts VALUES (1)");
        storage.kv.put("fact", "inside");
        void storage.setAlarm(Date.now() + 2_000_000);
        memory++;
        throw new Error("planned");
      });
    expect(failing).toThrow("planned");
    expect(storage.sql.exec("SELECT n FROM facts").toArray()).toEqual([]);
    expect(storage.kv.get("fact")).toBe("before");
    expect(await storage.getAlarm()).toBe(alarm);
    expect(memory).toBe(1);
  }));

test("a synchronous transaction inside an asynchronous one is taken back with it", () =>
  inObject(async ({ storage }) => {
    storage.sql.exec("CREATE TABLE facts (n)");
    const failing = storage.transaction(async () => {
      storage.transactionSync(() => storage.sql.exec("INSERT INTO facts VALUES (1)"));
      expect(storage.sql.exec("SELECT n FROM facts").toArray()).toEqual([{ n: 1 }]);
      await Promise.resolve();
      throw new Error("planned");
    });
    await expect(failing).rejects.toThrow("planned");
    expect(storage.sql.exec("SELECT n FROM facts").toArray()).toEqual([]);
  }));

test("an attachment holds 16,384 bytes, and is a copy", () =>
  inObject(async (state) => {
    const [, socket] = Object.values(new WebSocketPair());
    if (!socket) throw new Error("A pair has two ends.");
    state.acceptWebSocket(socket);
    const kept = { text: "x".repeat(16_000) };
    socket.serializeAttachment(kept);
    kept.text = "changed";
    expect(socket.deserializeAttachment()).toEqual({ text: "x".repeat(16_000) });
    expect(() => socket.serializeAttachment({ text: "x".repeat(16_384) })).toThrow();
  }));
