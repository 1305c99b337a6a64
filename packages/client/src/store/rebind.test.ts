import { describe, expect, test } from "vitest";
import { settle } from "../page.fixture.ts";
import { outcome, StoreBench } from "./store.fixture.ts";

const rebind = { type: "rebind" } as const;

/** A page at generation 1, with a login under way and an action behind it. */
async function loggingIn() {
  const bench = new StoreBench();
  bench.store.hello(false);
  bench.store.receive([bench.snapshot({ user: "alice" }, 3), { type: "bound", generation: 1 }]);
  const client = bench.store.client;
  const login = bench.store.dispatch("login", "bob");
  const behind = bench.store.dispatch("add", "for alice");
  await settle();
  return { bench, client, login, behind };
}

describe("rebind", () => {
  test("[P85] the generation is said in every hello, also where there is no state to speak of", async () => {
    const { bench } = await loggingIn();
    expect(bench.store.hello(false)).toMatchObject({ generation: 1, version: 3 });
    const resync = bench.store.hello(true);
    expect(resync).toMatchObject({ generation: 1 });
    expect(resync).not.toHaveProperty("version");
    expect(new StoreBench().store.hello(false)).not.toHaveProperty("generation");
  });

  test("[P88][G22] empties the store at once, and the action is done when the new state is shown", async () => {
    const { bench, client, login, behind } = await loggingIn();
    bench.store.receive([{ type: "ack", client, seq: 1, version: 0, result: "welcome" }, rebind]);
    expect(bench.store.getSnapshot()).toMatchObject({ state: undefined, restored: false });
    expect(await outcome(behind)).toBe("KEY_CHANGED");
    // Not done yet: whoever waits for it would look for a state that is not there.
    expect(bench.store.getSnapshot().pending).toBe(1);
    const hello = bench.store.hello(false);
    expect(hello).not.toHaveProperty("generation");
    expect(hello).not.toHaveProperty("version");
    expect(bench.store.client).not.toBe(client);

    let shown: unknown;
    void login.then(() => (shown = bench.state));
    bench.store.receive([bench.snapshot({ user: "bob" }, 9), { type: "bound", generation: 2 }]);
    expect(await outcome(login)).toBe("welcome");
    expect(shown).toEqual({ user: "bob" });
    expect(bench.store.getSnapshot().pending).toBe(0);
    expect(bench.store.hello(false)).toMatchObject({ generation: 2 });
  });

  test("[P86] what still ran is unknown, by the server's own word", async () => {
    const { bench, client, login, behind } = await loggingIn();
    const error = { code: "OUTCOME_UNKNOWN", message: "It ends where it began." } as const;
    bench.store.receive([{ type: "reject", client, seq: 2, error }, rebind]);
    expect(await outcome(behind)).toBe("OUTCOME_UNKNOWN");
    // The tab beside the one that logged in: its own was not started.
    expect(await outcome(login)).toBe("KEY_CHANGED");
  });

  test("[P88] a page that missed it does not know of what it had sent, and does of what it had not", async () => {
    const { bench, login, behind } = await loggingIn();
    bench.store.disconnected();
    const offline = bench.store.dispatch("add", "offline");
    await settle();
    bench.store.hello(false);
    bench.store.receive([rebind]);
    expect(await outcome(login)).toBe("OUTCOME_UNKNOWN");
    expect(await outcome(behind)).toBe("OUTCOME_UNKNOWN");
    expect(await outcome(offline)).toBe("KEY_CHANGED");
  });

  test("[P87] a page that missed it hears of its own login", async () => {
    const { bench, client, login } = await loggingIn();
    bench.store.disconnected();
    bench.store.hello(false);
    bench.store.receive([{ type: "ack", client, seq: 1, version: 0 }, rebind]);
    bench.store.hello(false);
    bench.store.receive([bench.snapshot({ user: "bob" }, 9)]);
    expect(await outcome(login)).toBeUndefined();
  });
});
