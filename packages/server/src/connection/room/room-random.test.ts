import fc from "fast-check";
import { expect, test } from "vitest";
import type { RoomDelivery } from "../room-port.ts";
import { type Fate, linkTo } from "./link.fixture.ts";
import { type Behaviour, events, held, member, settled, TestRoom } from "./room.fixture.ts";
import type { RoomLink } from "./room-link.ts";

const NAMES = ["ann", "bob", "cid", "dan"] as const;
const SENDERS = ["ann", "eve"] as const;

const name = fc.constantFrom(...NAMES);
/** Steps under which nothing may be lost. */
const harmless = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("send"),
      sender: fc.constantFrom(...SENDERS),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("fate"),
      sender: fc.constantFrom(...SENDERS),
      fate: fc.constantFrom<Fate>("answer lost", "lost", "refused"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("slow"), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("let go"), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("refuse"), name }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("join"), name }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("move"), ms: fc.constantFrom(50, 1_000) }),
  },
);
const harmful = fc.oneof(
  { weight: 4, arbitrary: harmless },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart") }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("fail"), name }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("gone"), name }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("leave"), name }) },
);
type Step = (typeof harmful extends fc.Arbitrary<infer T> ? T : never) & object;

/** A sender as a connection is one: one call at a time, repeated until it is answered. */
class Sender {
  sent = 0;
  readonly fates: Fate[];
  readonly #name: string;
  readonly #link: RoomLink;
  #open: RoomDelivery[] = [];
  #isCalling = false;

  constructor(room: TestRoom, name: string) {
    const { link, fates } = linkTo(room);
    this.#name = name;
    this.#link = link;
    this.fates = fates;
  }

  /** Makes the room's acquaintance: what is first said to a stranger and not answered is in doubt. */
  async begin(): Promise<void> {
    await this.#link.leave("lobby", member(`nobody ${this.#name}`));
  }

  send(count: number): void {
    this.#open.push(...events(this.#name, this.sent + 1, count));
    this.sent += count;
    void this.call();
  }

  async call(): Promise<void> {
    if (this.#isCalling || this.#open.length === 0) return;
    this.#isCalling = true;
    const calling = [...this.#open];
    try {
      await this.#link.deliver("lobby", calling);
      this.#open = this.#open.slice(calling.length);
    } catch {
      // It is repeated.
    }
    this.#isCalling = false;
  }
}

async function play(steps: readonly Step[]): Promise<TestRoom> {
  const room = new TestRoom({ limits: { roomCalls: 2 } });
  room.join(...NAMES);
  const senders = new Map(SENDERS.map((one) => [one as string, new Sender(room, one)]));
  for (const sender of senders.values()) await sender.begin();
  const slow = new Map<string, () => void>();
  const behave = (who: string, behaviour: Behaviour): void =>
    void room.behaviours.set(who, once(room, who, behaviour));
  for (const step of steps) {
    switch (step.type) {
      case "send":
        senders.get(step.sender)?.send(step.count);
        break;
      case "fate":
        senders.get(step.sender)?.fates.push(step.fate);
        break;
      case "slow": {
        const { behaviour, letGo } = held();
        slow.get(step.name)?.();
        slow.set(step.name, letGo);
        behave(step.name, behaviour);
        break;
      }
      case "let go":
        slow.get(step.name)?.();
        break;
      case "refuse":
        behave(step.name, () => {
          throw Object.assign(new Error("overloaded"), { overloaded: true });
        });
        break;
      case "fail":
        behave(step.name, () => {
          throw new Error("the object restarted");
        });
        break;
      case "gone":
        behave(step.name, () => "gone");
        break;
      case "join":
        room.join(step.name);
        break;
      case "leave":
        room.room.leave(member(step.name));
        break;
      case "restart":
        room.restart();
        break;
      case "move":
        await room.move(step.ms);
        break;
    }
    await settled();
    for (const sender of senders.values()) await sender.call();
  }
  for (const letGo of slow.values()) letGo();
  room.behaviours.clear();
  for (const sender of senders.values()) sender.fates.length = 0;
  for (let round = 0; round < 4; round++) {
    for (const sender of senders.values()) await sender.call();
    await room.move(1_000);
  }
  expect(room.timers).toBe(0);
  return room;
}

/** Behaves so at one call, then as usual. */
function once(room: TestRoom, who: string, behaviour: Behaviour): Behaviour {
  const wrapped: Behaviour = (deliveries) => {
    if (room.behaviours.get(who) === wrapped) room.behaviours.delete(who);
    return behaviour(deliveries);
  };
  return wrapped;
}

function numbersOf(heard: readonly string[], sender: string): number[] {
  return heard.filter((text) => text.startsWith(sender)).map((text) => Number(text.split(" ")[1]));
}

function checkOrder(room: TestRoom): void {
  for (const who of NAMES) {
    const heard = room.heardBy(who);
    for (const sender of SENDERS) {
      const numbers = numbersOf(heard, sender);
      expect(numbers, `${who} hears ${sender}`).toEqual(
        [...new Set(numbers)].sort((a, b) => a - b),
      );
    }
    for (const other of NAMES) {
      const shared = new Set(room.heardBy(other));
      const both = heard.filter((text) => shared.has(text));
      const here = new Set(heard);
      expect(both, `${who} and ${other}`).toEqual(
        room.heardBy(other).filter((text) => here.has(text)),
      );
    }
  }
}

const RUNS = { numRuns: 300 };

test("whatever happens, nothing is heard twice, and all hear what they hear in one order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(harmful, { maxLength: 40 }), async (steps) => {
      checkOrder(await play(steps as Step[]));
    }),
    RUNS,
  );
});

test("where neither a room nor a member restarts, everybody hears everything", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(harmless, { maxLength: 40 }), async (steps) => {
      const room = await play(steps as Step[]);
      checkOrder(room);
      for (const sender of SENDERS) {
        const sent = (steps as Step[]).reduce(
          (sum, step) => sum + (step.type === "send" && step.sender === sender ? step.count : 0),
          0,
        );
        for (const who of NAMES) expect(numbersOf(room.heardBy(who), sender)).toHaveLength(sent);
      }
    }),
    RUNS,
  );
});
