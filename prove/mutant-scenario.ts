import {
  type ActionMessage,
  type HelloMessage,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "@holdfast/protocol";
import { app, durableObjectStore, global, HoldfastError } from "@holdfast/server";
import { openNodeSqlite } from "@holdfast/server/internal/node/node-sqlite-port";
import { CrashingSql, type Plan } from "./crashing-sql.ts";
import { type LocalConnection, LocalInstance } from "./local-instance.ts";

/**
 * Runs one small program of two clients and a witness against the real host and journal, with a
 * crash before, and then with a failure at, each of its durable steps, and says what was broken.
 * It is right only if nothing is; `mutants.ts` runs it with bugs planted in the server.
 */
export async function findBreaches(): Promise<string[]> {
  const breaches = new Set<string>();
  const steps = await play(breaches, undefined);
  for (let step = 0; step <= steps; step++) {
    for (const type of ["crash before", "crash after", "failure at"] as const) {
      // What is broken is broken: the rest would only say so again.
      if (breaches.size > 0) return [...breaches];
      await play(breaches, { type, step });
    }
  }
  return [...breaches];
}

/** Plays the program once and gives the durable steps that it took. */
async function play(breaches: Set<string>, plan: Plan | undefined): Promise<number> {
  const moment = plan === undefined ? "undisturbed" : `${plan.type} step ${plan.step}`;
  try {
    const scenario = new Scenario(breaches);
    scenario.sql.plan(plan);
    await scenario.run();
    const { steps } = scenario;
    await scenario.end(moment);
    return steps;
  } catch (error) {
    // A server that cannot be talked to, or does not come back, is broken as well.
    breaches.add(`${String(error)} (${moment})`);
    return 0;
  }
}

interface Tally {
  counts: Record<string, number>;
  total: number;
}

const initial: Tally = { counts: {}, total: 0 };

const tally = app
  .defineState(initial)
  .persist(durableObjectStore(global()))
  .onAction("add", ({ state }, who: string) => {
    state.counts[who] = (state.counts[who] ?? 0) + 1;
    return ++state.total;
  })
  .onAction("refuse", ({ state }) => {
    state.total = -1;
    throw new HoldfastError("REFUSED", "this action always refuses");
  })
  .build();

/** Frames in the order that they are sent; each item is one action. */
const PROGRAM: readonly { readonly who: "alice" | "bob"; readonly actions: readonly string[] }[] = [
  { who: "alice", actions: ["add"] },
  { who: "bob", actions: ["add", "refuse", "add"] },
  { who: "alice", actions: ["refuse"] },
  { who: "alice", actions: ["add", "add"] },
  { who: "bob", actions: ["add"] },
];

class Scenario {
  readonly sql = new CrashingSql(openNodeSqlite(":memory:"));
  readonly #breaches: Set<string>;
  readonly #instance: LocalInstance;
  readonly #clients: Record<"alice" | "bob", Client>;
  #witness: LocalConnection;
  #witnessed = 0;
  #moment = "";
  #taken = 0;

  constructor(breaches: Set<string>) {
    this.#breaches = breaches;
    this.#instance = new LocalInstance({ module: tally, sql: this.sql });
    this.#clients = { alice: new Client("alice"), bob: new Client("bob") };
    this.#witness = this.#connect("witness", { id: id("witness"), settled: 0 });
    for (const client of Object.values(this.#clients)) this.#greet(client);
  }

  /** Durable steps of the whole run. */
  get steps(): number {
    return this.#taken;
  }

  async run(): Promise<void> {
    for (const { who, actions } of PROGRAM) {
      if (this.sql.crashed) break;
      const client = this.#clients[who];
      for (const name of actions) client.queue(name);
      await this.#send(client);
    }
    this.#taken = this.sql.steps;
  }

  /** After a crash or none: start again, send what is open, and hold everything against the plan. */
  async end(moment: string): Promise<void> {
    this.#moment = moment;
    const clients = Object.values(this.#clients);
    this.#expectMemoryToEqualStorage();
    for (const client of clients) this.#expectAcknowledged(client);
    for (const client of clients) {
      this.#greet(client);
      await this.#send(client);
    }
    const left = PROGRAM.filter(({ who, actions }) => {
      const client = this.#clients[who];
      client.planned += actions.length;
      return client.planned > client.lastSeq;
    });
    for (const { who, actions } of left) {
      for (const name of actions) this.#clients[who].queue(name);
      await this.#send(this.#clients[who]);
    }
    const { counts, total } = this.#stored().state;
    for (const client of clients) {
      const applied = counts[client.name] ?? 0;
      if (applied > client.adds) this.#breach("an action was applied twice");
      if (applied < client.adds) this.#breach("an action was lost");
      if (client.open.size > 0) this.#breach("an action was never answered");
      if (client.behind) this.#breach("a sender's own replica is behind its acknowledgement");
    }
    if (total !== this.#clients.alice.adds + this.#clients.bob.adds) {
      this.#breach("an action left a trace, or was lost");
    }
    if (this.#instance.aborts.length > 0) this.#breach("an invariant was broken");
  }

  async #send(client: Client): Promise<void> {
    const { connection } = client;
    if (connection === undefined) return;
    const actions = client.unanswered();
    if (actions.length > 0) this.#instance.say(connection, ...actions);
    // Whatever the host put off happens before anybody looks.
    await new Promise((resolve) => setTimeout(resolve, 0));
    for (const message of connection.take()) this.#tell(client, message);
    this.#overhear();
  }

  #tell(client: Client, message: ServerMessage): void {
    if (message.type === "commit") client.version = message.version;
    if (message.type !== "ack" && message.type !== "reject") return;
    if (message.client !== client.id) return this.#breach("a sender was told another's answer");
    const action = client.open.get(message.seq);
    client.open.delete(message.seq);
    if (message.type === "ack") {
      if (message.version > client.version) client.behind = true;
      client.toldVersion = Math.max(client.toldVersion, message.version);
      if (action?.name === "add") client.acknowledged++;
    } else if (action?.name === "add") this.#breach("an action that is valid was refused");
  }

  /** What reaches a third connection is commits, each following the last, and nothing else. */
  #overhear(): void {
    for (const message of this.#witness.take()) {
      if (message.type !== "commit") this.#breach("somebody else was told an answer");
      else if (message.version !== ++this.#witnessed) this.#breach("a version was left out");
    }
  }

  #greet(client: Client): void {
    client.connection = this.#connect(client.name, { id: client.id, settled: client.settled() });
    for (const message of client.connection.take()) {
      if (message.type === "snapshot") client.version = message.version;
      else this.#tell(client, message);
    }
  }

  #connect(principal: string, cursor: { id: string; settled: number }): LocalConnection {
    const connection = this.#instance.connect(principal, () => this.sql.crashed);
    const hello: HelloMessage = { type: "hello", protocol: PROTOCOL_VERSION, clients: [cursor] };
    this.#instance.say(connection, hello);
    if (principal !== "witness") return connection;
    const [snapshot] = connection.take();
    if (snapshot?.type === "snapshot") this.#witnessed = snapshot.version;
    return connection;
  }

  #expectMemoryToEqualStorage(): void {
    if (!this.sql.crashed) {
      const memory = JSON.stringify(this.#snapshot());
      this.#restart();
      if (JSON.stringify(this.#snapshot()) !== memory) {
        this.#breach("memory is not what is stored");
      }
      return;
    }
    this.#restart();
  }

  #restart(): void {
    this.sql.plan(undefined);
    this.#instance.restart();
    this.#witness = this.#connect("witness", { id: id("witness"), settled: 0 });
  }

  #expectAcknowledged(client: Client): void {
    const { version, state } = this.#snapshot();
    if ((state.counts[client.name] ?? 0) < client.acknowledged) {
      this.#breach("an acknowledged action is not stored");
    }
    if (version < client.toldVersion) this.#breach("a version that was told is not stored");
  }

  #stored(): { version: number; state: Tally } {
    this.#restart();
    return this.#snapshot();
  }

  #snapshot(): { version: number; state: Tally } {
    const connection = this.#connect("newcomer", { id: id("newcomer"), settled: 0 });
    const [snapshot] = connection.take();
    this.#instance.host.disconnect(connection);
    if (snapshot?.type !== "snapshot") throw new Error("a newcomer was not given a snapshot");
    // The state of the module above.
    return { version: snapshot.version, state: snapshot.state as unknown as Tally };
  }

  #breach(what: string): void {
    this.#breaches.add(`${what} (${this.#moment || "while it ran"})`);
  }
}

class Client {
  readonly name: string;
  readonly id: string;
  readonly open = new Map<number, ActionMessage>();
  connection: LocalConnection | undefined;
  lastSeq = 0;
  adds = 0;
  acknowledged = 0;
  /** The highest version that an ack named, and that its own commits brought it to. */
  toldVersion = 0;
  version = 0;
  behind = false;
  /** Sequences of the program up to the frame that is looked at. */
  planned = 0;

  constructor(name: string) {
    this.name = name;
    this.id = id(name);
  }

  queue(name: string): void {
    const seq = ++this.lastSeq;
    if (name === "add") this.adds++;
    this.open.set(seq, {
      type: "action",
      client: this.id,
      seq,
      settled: 0,
      name,
      payload: this.name,
    });
  }

  /** Everything unanswered, as it goes out now. */
  unanswered(): ActionMessage[] {
    const settled = this.settled();
    return [...this.open.values()].map((action) => ({ ...action, settled }));
  }

  /** Nothing below the first open sequence is asked for again. */
  settled(): number {
    return Math.min(this.lastSeq, ...[...this.open.keys()].map((seq) => seq - 1));
  }
}

function id(name: string): string {
  return name.padEnd(22, "-");
}
