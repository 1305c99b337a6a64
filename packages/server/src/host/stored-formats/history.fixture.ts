import { type Limits, type ServerMessage, type Value } from "@holdfast/protocol";
import { app } from "../../module/builder.ts";
import type { ModuleDefinition } from "../../module/definition.ts";
import { global } from "../../module/key-strategy.ts";
import { durableObjectStore } from "../../module/store.ts";
import type { SqlPort } from "../../storage/sql-port.ts";
import { type TestConnection, TestInstance } from "../host.fixture.ts";

/** Every kind of value, and keys that JSON escapes. */
const EVERYTHING: Value = {
  text: "ä\n\u0000🗝️",
  'a "key"\n': 1,
  $: "no tag",
  nothing: undefined,
  null: null,
  numbers: [0, -0, 1.5, NaN, Infinity, -Infinity],
  large: 12_345_678_901_234_567_890n,
  date: new Date(1_800_000_000_000),
  map: new Map<string | number, Value>([
    ["b", 1],
    [1, new Map()],
    ["a", [undefined]],
  ]),
  set: new Set(["z", 1, null]),
  bytes: new Uint8Array([0, 255]),
  url: new URL("https://example.com/a?b#c"),
  pattern: /a\/b/gi,
};

/** So small that a short history has rows of every kind: cut ones, parts, folded answers. */
const LIMITS: Partial<Limits> = {
  rowBytes: 2_000,
  partBytes: 400,
  checkpointCommits: 8,
  checkpointCommitsPerPart: 1,
  answerRows: 4,
  resumeVersions: 10,
  ratePerSecond: 10_000,
  rateBurst: 10_000,
};

const ACTIONS = 170;

const historyModule: ModuleDefinition = app
  .defineState({ count: 0, everything: EVERYTHING, log: [] as string[] })
  .persist(durableObjectStore(global()))
  .onAction("note", ({ state }, text: string) => {
    state.count += 1;
    state.log.push(text);
    return { noted: text.length };
  })
  .onAction("refuse", ({ state }) => {
    state.count = -1;
    throw new Error("not today");
  })
  .build();

/** What is sent, by whom. */
interface Step {
  readonly client: "alice" | "bob";
  readonly seq: number;
  readonly name: string;
  readonly payload?: string;
}

const STEPS: readonly Step[] = Array.from({ length: ACTIONS }, (_, index): Step => {
  const client = index % 7 === 3 ? "bob" : "alice";
  const seq = Array.from({ length: index + 1 }, (__, at) => (at % 7 === 3 ? "bob" : "alice"));
  const own = { client, seq: seq.filter((one) => one === client).length } as const;
  if (index % 10 === 9) return { ...own, name: "refuse" };
  return { ...own, name: "note", payload: index === 40 ? "x".repeat(5_000) : `note ${index}` };
});

/** An instance with everything that a journal can hold: written by this, or by code of old. */
export class StoredHistory {
  readonly instance: TestInstance;

  constructor(sql: SqlPort) {
    this.instance = new TestInstance(historyModule, { sql, limits: LIMITS });
  }

  write(): void {
    const pages = { alice: this.#join("alice"), bob: this.#join("bob") };
    for (const step of STEPS) this.#say(pages[step.client], step);
  }

  /** What the instance must have: the state that the steps lead to. */
  static expectedState(): unknown {
    const notes = STEPS.flatMap(({ payload }) => (payload === undefined ? [] : [payload]));
    return { count: notes.length, everything: EVERYTHING, log: notes };
  }

  /** The state that a page is given. */
  state(): { readonly version: number; readonly state: unknown } {
    const page = this.instance.join("carol", "c-carol");
    const [message] = page.take();
    if (message?.type !== "snapshot") throw new Error(`not greeted: ${JSON.stringify(message)}`);
    return { version: message.version, state: message.state };
  }

  /** What clients are answered that send everything again. */
  answers(): string[] {
    const pages = { alice: this.#join("alice"), bob: this.#join("bob") };
    for (const page of Object.values(pages)) page.take();
    return STEPS.map((step) => {
      this.#say(pages[step.client], step);
      return pages[step.client].take().map(described).join();
    });
  }

  static expectedAnswers(): string[] {
    return STEPS.map(({ name, payload }) =>
      name === "refuse"
        ? "reject ACTION_FAILED"
        : `ack ${JSON.stringify({ noted: payload?.length })}`,
    );
  }

  /** One more action: what becomes of it. */
  goOn(): string {
    const page = this.instance.join("dora", "c-dora");
    page.take();
    this.instance.say(page, {
      type: "action",
      client: "c-dora",
      seq: 1,
      settled: 0,
      name: "note",
      payload: "afterwards",
    });
    return page.take().map(described).join();
  }

  #join(principal: string): TestConnection {
    return this.instance.join(principal, `c-${principal}`);
  }

  #say(page: TestConnection, { client, seq, name, payload }: Step): void {
    const action = { type: "action", client: `c-${client}`, seq, settled: 0, name } as const;
    this.instance.say(page, payload === undefined ? action : { ...action, payload });
  }
}

function described(message: ServerMessage): string {
  if (message.type === "ack") return `ack ${JSON.stringify(message.result)}`;
  if (message.type === "reject") return `reject ${message.error.code}`;
  return message.type;
}
