import { adoptOutbox } from "@holdfast/client/internal/adopt-outbox";
import { optimism } from "@holdfast/client";
import { pageEnvironment } from "@holdfast/client/internal/environment";
import type { KeptInstance } from "@holdfast/client/internal/keeper";
import { DEFAULT_LIMITS, type ErrorCode, type HoldfastError } from "@holdfast/protocol";
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { board, stateOf, update } from "./update-board.ts";
import { microtasks, type UpdatePage, UpdateWorld } from "./update-world.ts";

async function start(pages: number): Promise<{ world: UpdateWorld; pages: UpdatePage[] }> {
  const world = new UpdateWorld(board, new Random(9), pages);
  for (const page of world.pages) page.connect();
  await world.rest();
  return { world, pages: world.pages };
}

/** Everything that is under way at this page only. */
async function settle(page: UpdatePage): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    while (page.deliverUp() || page.deliverDown());
    await microtasks();
  }
}

describe("an update that others are always faster than", () => {
  test("gives up with CONFLICT after fifty rounds, leaves nothing behind, and the next one goes through", async () => {
    const { world, pages } = await start(2);
    const [slow, fast] = pages as [UpdatePage, UpdatePage];
    let refused: HoldfastError | undefined;
    update(slow, (draft) => void (draft.count += 1_000)).catch(
      (error: HoldfastError) => (refused = error),
    );
    await microtasks();
    let rounds = 0;
    for (; !refused && rounds < 200; rounds++) {
      // By an action: those wait for nobody's patches.
      void fast.store.dispatch("increment");
      await settle(fast);
      while (slow.deliverUp());
      await microtasks();
      while (slow.deliverDown());
      await microtasks();
    }
    expect(refused).toMatchObject({ code: "CONFLICT" });
    expect(rounds).toBeGreaterThan(40);
    void update(slow, (draft) => void (draft.text = "goes on"));
    await world.rest();
    for (const page of pages) {
      expect(stateOf(page).count).toBe(rounds);
      expect(stateOf(page).text).toBe("goes on");
    }
  });
});

describe("the patches of a page that is gone", () => {
  /** Its page dies with one update unsent; `change` happens before the next page sends it. */
  async function reload(
    change: (other: UpdatePage) => void,
  ): Promise<{ text: string; count: number; rejected: ErrorCode[] }> {
    const { world, pages } = await start(3);
    const [dying, other, next] = pages as [UpdatePage, UpdatePage, UpdatePage];
    void update(dying, (draft) => void (draft.text = "kept"));
    const base = dying.store.confirmed?.version ?? 0;
    await microtasks();
    dying.drop();
    world.pages.splice(0, 1);
    change(other);
    await world.rest();
    const rejected: ErrorCode[] = [];
    const instance: KeptInstance = {
      environment: { ...pageEnvironment, setTimeout: (callback, ms) => world.after(ms, callback) },
      limits: DEFAULT_LIMITS,
      module: "updates",
      key: undefined,
      optimism,
      send: (frame) => next.link?.up.push(frame),
      greet: () => next.link?.up.push(JSON.stringify(next.store.hello(false))),
      onStalled: () => next.drop(),
      onRejected: ({ error }) => rejected.push(error.code),
      address: "",
      store: next.store,
      options: { reducer: () => undefined, version: undefined },
    };
    const row = {
      client: dying.store.client,
      seq: 1,
      name: "update",
      payload: JSON.stringify([["replace", ["text"], "kept"]]),
      patch: { base, after: 0 },
      at: world.now,
    };
    const keeper = {
      add: () => undefined,
      answered: () => undefined,
      remove: (_: number, onRemoved: () => void) => onRemoved(),
    };
    adoptOutbox(instance, [row], keeper, () => undefined, undefined);
    await microtasks();
    expect(stateOf(next).text).toBe("kept");
    await world.rest();
    expect(stateOf(other)).toEqual(stateOf(next));
    return { text: stateOf(next).text, count: stateOf(next).count, rejected };
  }

  test("[G2] are sent again as they are, and count where nobody has changed the same", async () => {
    const outcome = await reload((other) => void other.store.dispatch("increment"));
    expect(outcome).toEqual({ text: "kept", count: 1, rejected: [] });
  });

  test("[G8] are given up where somebody has, and reported: their recipe is gone", async () => {
    const outcome = await reload((other) => void update(other, (draft) => (draft.text = "theirs")));
    expect(outcome).toEqual({ text: "theirs", count: 0, rejected: ["CONFLICT"] });
  });
});
