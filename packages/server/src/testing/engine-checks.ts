import { KeptInstance } from "./kept-instance.ts";
import { assertSame, newKey, type StoreCheck } from "./store-checks.ts";

const SECOND = 1_000;

function assert(condition: boolean, problem: string): void {
  if (!condition) throw new Error(problem);
}

const failing = (): Promise<never> => Promise.reject(new Error("planned: the store refuses"));

/** What a module with this store promises, whatever happens to a save. */
export const ENGINE_CHECKS: readonly (readonly [promise: string, check: StoreCheck])[] = [
  [
    "A commit is saved within a second",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await instance.add(1);
      await instance.pass(SECOND);
      assertSame(await store.load(instance.key), { list: [1] }, "What the store has");
      await instance.pass(10 * SECOND);
      assert(
        instance.store.saves === 1,
        `It was saved ${instance.store.saves} times, and changed once`,
      );
    },
  ],
  [
    "A machine that is lost with its disk loses at most one second",
    async ({ store }) => {
      // At every tenth of a second between two saves, and longer.
      for (let tenths = 20; tenths < 35; tenths++) {
        const instance = new KeptInstance(store, newKey());
        for (let n = 1; n <= tenths; n++) {
          await instance.add(n);
          await instance.pass(SECOND / 10);
        }
        instance.lose();
        // The action's own result.
        const list = (await instance.list()) as number[];
        assertSame(list, to(list.length), "What is left");
        const lost = tenths - list.length;
        assert(lost <= 10, `${lost} tenths of a second are lost`);
      }
    },
  ],
  [
    "A restart loses nothing, and saves what was not saved",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await instance.add(1);
      await instance.pass(SECOND);
      await instance.add(2);
      instance.restart();
      assertSame(await instance.list(), [1, 2], "What is there after the restart");
      await instance.pass(SECOND);
      assertSame(await store.load(instance.key), { list: [1, 2] }, "What the store has");
    },
  ],
  [
    "A save that fails is told to onPersistError each time, and tried again until it succeeds",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      instance.store.faults.push(failing, failing, failing, failing, failing);
      await instance.add(1);
      await instance.pass(60 * SECOND);
      assertSame(await store.load(instance.key), { list: [1] }, "What the store has");
      const keys = instance.told.map(({ key }) => key);
      assertSame(
        keys,
        Array.from({ length: 5 }, () => instance.key),
        "What the hook was told of",
      );
    },
  ],
  [
    "A save that arrived without an answer does no harm",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      instance.store.faults.push((save) => save().then(failing));
      await instance.add(1);
      await instance.pass(5 * SECOND);
      assertSame(await store.load(instance.key), { list: [1] }, "What the store has");
    },
  ],
  [
    "A save that arrives in part and fails is made again, whole, also after a restart",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await instance.add(1);
      await instance.pass(SECOND);
      const inPart = async (): Promise<never> => {
        await instance.follow(store.save(instance.key, { list: [], half: true }));
        return failing();
      };
      instance.store.faults.push(inPart, inPart);
      await instance.add(2);
      await instance.pass(5 * SECOND);
      assertSame(await store.load(instance.key), { list: [1, 2] }, "What the store has");
      instance.store.faults.push(inPart);
      await instance.add(3);
      await instance.pass(0.6 * SECOND);
      instance.restart();
      assertSame(await instance.list(), [1, 2, 3], "What is there after the restart");
      await instance.pass(SECOND);
      assertSame(await store.load(instance.key), { list: [1, 2, 3] }, "What the store has then");
    },
  ],
  [
    "A slow store is asked one thing at a time, and has the newest state in the end",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      for (let n = 0; n < 3; n++) {
        instance.store.faults.push((save) => instance.wait(3 * SECOND).then(save));
      }
      for (let n = 1; n <= 40; n++) {
        await instance.add(n);
        await instance.pass(100);
      }
      await instance.pass(30 * SECOND);
      assert(
        instance.store.mostAtOnce === 1,
        `There were ${instance.store.mostAtOnce} saves at once`,
      );
      assertSame(await store.load(instance.key), { list: to(40) }, "What the store has");
    },
  ],
  [
    "A commit that comes while a save is under way is saved behind it",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      instance.store.faults.push((save) => instance.wait(3 * SECOND).then(save));
      await instance.add(1);
      await instance.pass(SECOND);
      await instance.add(2);
      await instance.pass(5 * SECOND);
      assertSame(await store.load(instance.key), { list: [1, 2] }, "What the store has");
    },
  ],
  [
    "A save that was given up and arrives late is saved over",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      instance.store.faults.push((save) => instance.wait(45 * SECOND).then(save));
      await instance.add(1);
      await instance.pass(SECOND);
      await instance.add(2);
      await instance.pass(60 * SECOND);
      assertSame(await store.load(instance.key), { list: [1, 2] }, "What the store has");
    },
  ],
  [
    "What somebody else has saved is there at the next start",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await instance.add(1);
      await instance.pass(SECOND);
      await store.save(instance.key, { list: [7] });
      instance.restart();
      assertSame(await instance.list(), [7], "What is there");
      await store.delete(instance.key);
      instance.restart();
      assertSame(await instance.list(), [], "What is there of a deleted key");
    },
  ],
  [
    "What was acknowledged and not saved stands against what somebody else has saved",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await instance.add(1);
      await instance.pass(SECOND);
      await instance.add(2);
      await store.save(instance.key, { list: [7] });
      instance.restart();
      assertSame(await instance.list(), [1, 2], "What is there");
      await instance.pass(SECOND);
      assertSame(await store.load(instance.key), { list: [1, 2] }, "What the store has");
    },
  ],
  [
    "The last connection that goes has everything saved at once",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      const page = await instance.join();
      page.add(1);
      await instance.settled();
      assertSame(await store.load(instance.key), undefined, "What the store has before");
      page.leave();
      await instance.settled();
      assertSame(await store.load(instance.key), { list: [1] }, "What the store has");
    },
  ],
  [
    "With saveBeforeAck, what was acknowledged is in the store",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey(), { saveBeforeAck: true });
      const page = await instance.join();
      instance.store.faults.push(failing, (save) => instance.wait(SECOND).then(save));
      page.add(1);
      page.add(2);
      for (let step = 0; step < 100 && page.acks < 2; step++) {
        await instance.pass(100);
        // It is what the module saves.
        const saved = ((await store.load(instance.key)) ?? { list: [] }) as { list: number[] };
        assert(page.acks <= saved.list.length, "An action was acknowledged before it was saved");
      }
      assert(page.acks === 2, `${page.acks} of 2 actions were acknowledged`);
      instance.store.faults.push((save) => instance.wait(SECOND).then(save));
      let isAnswered = false;
      const added = instance.add(3).then(() => void (isAnswered = true));
      await instance.pass(SECOND / 2);
      assert(!isAnswered, "A call of the server was answered before it was saved");
      await instance.pass(SECOND);
      await added;
      instance.lose();
      assertSame(await instance.list(), [1, 2, 3], "What is left of a lost machine");
    },
  ],
  [
    "A store that cannot be asked lets nobody in, and loses nothing",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await instance.add(1);
      await instance.pass(SECOND);
      instance.lose();
      instance.store.isDown = true;
      const refused = await instance.join().catch((error: { code?: unknown }) => error);
      assert("code" in refused && refused.code === "BUSY", "Somebody was let in");
      instance.store.isDown = false;
      assertSame(await instance.list(), [1], "What is there");
    },
  ],
  [
    "What cannot be a state is refused, and left as it is",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await store.save(instance.key, { $version: "no number", list: [1] });
      const page = await instance.join();
      page.add(2);
      await instance.pass(5 * SECOND);
      assert(page.acks === 0, "Somebody was let in");
      const left = { $version: "no number", list: [1] };
      assertSame(await store.load(instance.key), left, "What the store has");
    },
  ],
  [
    "Destroying an instance deletes its key",
    async ({ store }) => {
      const instance = new KeptInstance(store, newKey());
      await instance.add(1);
      await instance.pass(SECOND);
      await instance.add(2);
      await instance.destroy();
      await instance.pass(5 * SECOND);
      assertSame(await store.load(instance.key), undefined, "What the store has");
    },
  ],
];

function to(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
