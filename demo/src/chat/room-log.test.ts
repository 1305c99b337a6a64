import { expect, test } from "vitest";
import type { Message } from "./chat-events.ts";
import { RoomLog } from "./room-log.ts";

const PAGE = 3;
const message = (number: number, history = "a"): Message => ({
  number,
  id: `${history}${number}`,
  author: { id: "ann", name: "Ann" },
  text: String(number),
  time: number,
});

/** A history on the server, which answers when the test says so. */
class History {
  length: number;
  name: string;
  readonly asked: (number | undefined)[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(length: number, name = "a") {
    this.length = length;
    this.name = name;
  }

  readonly load = async (before?: number): Promise<readonly Message[]> => {
    this.asked.push(before);
    const end = before === undefined ? this.length : before - 1;
    const found = Array.from({ length: Math.min(PAGE, end) }, (_, at) =>
      message(end - at, this.name),
    );
    await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    return found;
  };

  async answer(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#waiting.shift()?.();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }
}

function open(history: History, kept?: readonly Message[]) {
  const log = new RoomLog({ load: history.load, kept, onChange: () => {} });
  return { log, numbers: () => log.view.messages.map(({ number }) => number) };
}

test("the newest page comes first, and earlier ones in front of it", async () => {
  const history = new History(8);
  const { log, numbers } = open(history);
  expect(log.view.isKnown).toBe(false);
  void log.catchUp();
  await history.answer();
  expect(numbers()).toEqual([6, 7, 8]);
  void log.loadEarlier();
  void log.loadEarlier();
  expect(log.view.isLoading).toBe(true);
  await history.answer();
  expect(numbers()).toEqual([3, 4, 5, 6, 7, 8]);
  void log.loadEarlier();
  await history.answer();
  void log.loadEarlier();
  expect(numbers()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(history.asked).toEqual([undefined, 6, 3]);
});

test("what is said is added; what comes twice is not; what was missed is fetched", async () => {
  const history = new History(2);
  const { log, numbers } = open(history);
  void log.catchUp();
  await history.answer();
  log.add(message(3));
  log.add(message(3));
  log.add(message(1));
  expect(numbers()).toEqual([1, 2, 3]);
  history.length = 9;
  log.add(message(9));
  expect(numbers()).toEqual([1, 2, 3]);
  await history.answer();
  expect(numbers()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("what is said while the history is asked is not lost", async () => {
  const history = new History(2);
  const { log, numbers } = open(history);
  void log.catchUp();
  // The answer was made before it.
  history.length = 3;
  log.add(message(3));
  await history.answer();
  expect(numbers()).toEqual([1, 2, 3]);
  void log.catchUp();
  history.length = 4;
  log.add(message(4));
  await history.answer();
  expect(numbers()).toEqual([1, 2, 3, 4]);
});

test("who was away for long begins anew at the end", async () => {
  const history = new History(2);
  const { log, numbers } = open(history);
  void log.catchUp();
  await history.answer();
  history.length = 1_000;
  void log.catchUp();
  await history.answer();
  expect(numbers().at(-1)).toBe(1_000);
  expect(numbers()).toEqual(Array.from({ length: 30 }, (_, at) => 971 + at));
});

test("what was kept of a history that is no more goes", async () => {
  const kept = [message(1, "old"), message(2, "old")];
  const shorter = open(new History(1), kept);
  expect(shorter.numbers()).toEqual([1, 2]);
  const history = new History(3);
  const { log } = open(history, kept);
  void log.catchUp();
  await history.answer();
  expect(log.view.messages.map(({ id }) => id)).toEqual(["a1", "a2", "a3"]);
});

test("a history that cannot be asked leaves what there is", async () => {
  const log = new RoomLog({
    load: () => Promise.reject(new Error("away")),
    kept: [message(4)],
    onChange: () => {},
  });
  await log.catchUp();
  await log.loadEarlier();
  expect(log.view).toMatchObject({ isLoading: false, messages: [{ number: 4 }] });
});
