import {
  applyPatches,
  canonicalEncode,
  DEFAULT_LIMITS,
  PROTOCOL_VERSION,
  type ServerMessage,
  type Value,
} from "@holdfast/protocol";
import { app, durableObjectStore, global, HoldfastError } from "@holdfast/server";
import { openNodeSqlite } from "@holdfast/server/internal/node/node-sqlite-port";
import { Journal } from "@holdfast/server/internal/storage/journal";
import type { SqlPort } from "@holdfast/server/internal/storage/sql-port";
import { type Ledger, newLedger, type Part, TurnModel } from "./isolation-host-model.ts";
import { assertSame } from "./isolation-world.ts";
import { type LocalConnection, LocalInstance } from "./local-instance.ts";
import { Random } from "@holdfast/testing/random";

/** What a handler does between two awaits. */
type Step =
  | { readonly do: "open"; readonly cell: string; readonly label: string }
  | { readonly do: "close"; readonly cell: string }
  | { readonly do: "commit" | "end" | "throw" };

/** A handler that is led by the history. */
interface Puppet {
  /** Goes on with the next step; `undefined` while it has not begun, or waits to commit. */
  lead: ((step: Step) => void) | undefined;
}

const stage = new Map<string, Puppet>();

const led = app
  .defineState<Ledger>(newLedger())
  .persist(durableObjectStore(global()))
  .onAction("raise", ({ state }, { cell, label }: { cell: string; label: string }) => {
    const pair = pairOf(state, cell);
    pair.left++;
    pair.right++;
    state.log.push(label);
  })
  .onAction("run", async (context, who: string) => {
    const { state } = context;
    for (;;) {
      const step = await nextStep(who);
      switch (step.do) {
        case "open":
          pairOf(state, step.cell).left++;
          state.log.push(step.label);
          break;
        case "close":
          pairOf(state, step.cell).right++;
          break;
        case "commit":
          await context.commit();
          break;
        case "end":
          return;
        case "throw":
          throw new HoldfastError("REFUSED", "It was led to throw.");
      }
    }
  })
  .build();

/**
 * A random history of asynchronous handlers on the real host and journal: each part of them raises
 * two fields with an await in between, so that an unfinished write would show in any frame, snapshot
 * or row; and commits have to come in the order of the first writes, each as soon as it may.
 */
export async function runOnHost(seed: number): Promise<void> {
  const history = new HostHistory(seed);
  await history.play();
}

interface Run {
  readonly who: string;
  readonly seq: number;
  readonly puppet: Puppet;
  /** The pair of which only one field is raised. */
  opened: string | undefined;
  part: Part | undefined;
  hasBegun: boolean;
}

interface Raise {
  readonly seq: number;
  hasBegun: boolean;
}

class HostHistory {
  readonly #random: Random;
  readonly #sql: SqlPort = openNodeSqlite(":memory:");
  readonly #instance: LocalInstance;
  readonly #model = new TurnModel();
  readonly #connection: LocalConnection;
  readonly #seed: number;
  readonly #runs = new Map<number, Run>();
  readonly #raises = new Map<number, Raise>();
  #replica: Value = newLedger() as unknown as Value;
  #seq = 0;
  #labels = 0;
  #greeted = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
    const limits = { ratePerSecond: 1e6, rateBurst: 1e6 };
    this.#instance = new LocalInstance({ module: led, sql: this.#sql, limits });
    this.#connection = this.#greet("page");
    this.#connection.take();
  }

  async play(): Promise<void> {
    const events = this.#random.between(10, 60);
    for (let n = 0; n < events; n++) {
      this.#next();
      await this.#settle();
    }
    while (this.#runs.size > 0) {
      const run = [...this.#runs.values()].find(({ puppet }) => puppet.lead !== undefined);
      if (run === undefined) throw new Error("every handler waits, and none will ever go on");
      this.#lead(run, run.opened === undefined ? { do: "end" } : closing(run.opened));
      await this.#settle();
    }
    if (this.#raises.size > 0) throw new Error("an action was never answered");
  }

  #next(): void {
    const chance = this.#random.between(1, 100);
    const ready = [...this.#runs.values()].filter(({ puppet }) => puppet.lead !== undefined);
    if (chance <= 12 && this.#runs.size < 5) this.#begin();
    else if (chance <= 24) this.#raise();
    else if (chance <= 28) this.#look();
    else if (ready.length > 0) {
      const run = this.#random.pick(ready);
      this.#lead(run, this.#stepFor(run));
    }
  }

  #begin(): void {
    const seq = ++this.#seq;
    const who = `${this.#seed}:${seq}`;
    const puppet: Puppet = { lead: undefined };
    stage.set(who, puppet);
    const run: Run = { who, seq, puppet, opened: undefined, part: undefined, hasBegun: false };
    this.#runs.set(seq, run);
    this.#say(seq, "run", who);
    this.#model.whenFree(() => (run.hasBegun = true));
  }

  #raise(): void {
    const seq = ++this.#seq;
    const raise: Raise = { seq, hasBegun: false };
    const one = { cell: this.#cell(), label: `${++this.#labels}` };
    this.#raises.set(seq, raise);
    this.#say(seq, "raise", one);
    this.#model.whenFree(() => {
      raise.hasBegun = true;
      this.#model.commit([one]);
    });
  }

  #stepFor(run: Run): Step {
    const chance = this.#random.between(1, 100);
    if (chance <= 5) return { do: "throw" };
    if (run.opened !== undefined) return closing(run.opened);
    if (chance <= 60) return { do: "open", cell: this.#cell(), label: `${++this.#labels}` };
    return { do: chance <= 80 ? "commit" : "end" };
  }

  #lead(run: Run, step: Step): void {
    const { puppet, who } = run;
    const { lead } = puppet;
    if (lead === undefined) return;
    switch (step.do) {
      case "open":
        this.#model.raises(who, step.cell, step.label);
        run.part = this.#model.partOf(who);
        run.opened = step.cell;
        break;
      case "close":
        run.opened = undefined;
        break;
      case "throw":
        this.#model.drops(who);
        break;
      default:
        this.#model.parks(who, step.do);
    }
    puppet.lead = undefined;
    lead(step);
  }

  /** Whatever was put off has happened: what is known now has to be what the order of writes says. */
  async #settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const message of this.#connection.take()) this.#hear(message);
    assertSame("what a page has", this.#replica, this.#model.ledger);
    for (const { seq, hasBegun } of this.#raises.values()) {
      if (hasBegun) throw new Error(`action ${seq} may run, and waits`);
    }
    for (const { seq, hasBegun, puppet, who, opened } of this.#runs.values()) {
      const waits = this.#model.partOf(who)?.parked !== undefined;
      if (hasBegun && !waits && puppet.lead === undefined) {
        throw new Error(`handler ${seq} may go on, and waits${opened ? ` in ${opened}` : ""}`);
      }
      if (!hasBegun && puppet.lead !== undefined) throw new Error(`handler ${seq} has begun early`);
    }
  }

  #hear(message: ServerMessage): void {
    if (message.type === "commit") {
      this.#replica = applyPatches(this.#replica, message.patches);
      assertWhole(this.#replica);
    } else if (message.type === "ack") {
      if (!this.#raises.delete(message.seq)) this.#runs.delete(message.seq);
    } else if (message.type === "reject") this.#refused(message.seq, message.error.code);
  }

  #refused(seq: number, code: string): void {
    const run = this.#runs.get(seq);
    this.#runs.delete(seq);
    if (run === undefined) throw new Error(`action ${seq} was refused: ${code}`);
    if (code === "REFUSED") return;
    if (code !== "CONFLICT") throw new Error(`a handler was refused: ${code}`);
    if (run.part?.isDoomed !== true) throw new Error(`handler ${seq} has lost to nobody`);
    // It met the conflict where it wrote, before it came to commit.
    this.#model.drops(run.who);
  }

  /** A page that comes now, and a host that would wake now, have what is committed. */
  #look(): void {
    const [message] = this.#greet(`guest ${++this.#greeted}`).take();
    if (message?.type !== "snapshot") throw new Error("a page that comes gets no snapshot");
    assertSame("a snapshot", message.state, this.#model.ledger);
    if (this.#model.ledger.log.length === 0) return;
    const journal = Journal.open(this.#sql, {
      limits: DEFAULT_LIMITS,
      now: () => 0,
      epoch: "",
    });
    assertSame("what is stored", journal.restore(), this.#model.ledger);
  }

  #greet(principal: string): LocalConnection {
    const connection = this.#instance.connect(principal);
    this.#instance.say(connection, {
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: clientOf(principal), settled: 0 }],
    });
    return connection;
  }

  #say(seq: number, name: string, payload: Value): void {
    this.#instance.say(this.#connection, {
      type: "action",
      client: clientOf("page"),
      seq,
      settled: 0,
      name,
      payload,
    });
  }

  #cell(): string {
    return this.#random.pick(["a", "b", "c"] as const);
  }
}

function closing(cell: string): Step {
  return { do: "close", cell };
}

function nextStep(who: string): Promise<Step> {
  const puppet = stage.get(who);
  if (puppet === undefined) throw new Error(`a handler that nobody leads: ${who}`);
  return new Promise((resolve) => (puppet.lead = resolve));
}

function pairOf(ledger: Ledger, cell: string): Ledger["cells"][string] {
  const pair = ledger.cells[cell];
  if (pair === undefined) throw new Error(`a pair that nobody knows: ${cell}`);
  return pair;
}

function assertWhole(state: Value): void {
  // True because the patches are those of such a state.
  for (const { left, right } of Object.values((state as unknown as Ledger).cells)) {
    if (left !== right) {
      throw new Error(`a frame holds an unfinished write: ${canonicalEncode(state)}`);
    }
  }
}

function clientOf(principal: string): string {
  return principal.replace(" ", "-").padEnd(16, "0");
}
