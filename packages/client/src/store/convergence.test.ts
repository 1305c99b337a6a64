import {
  applyPatches,
  DEFAULT_LIMITS,
  decodeServerFrame,
  encodeMessage,
  type HoldfastError,
  type Patch,
  type Value,
} from "@holdfast/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { settle, TestPage } from "../page.fixture.ts";
import { TestServer } from "../server.fixture.ts";
import { FakeSocket } from "../socket.fixture.ts";
import { ModuleStore } from "./module-store.ts";
import { optimism } from "./optimism.ts";
import type { Reducer } from "./prediction.ts";

/** What an action appends: whose it is, which one, and whether the server will refuse it. */
interface Entry {
  readonly by: number;
  readonly index: number;
  readonly refused: boolean;
}

interface State {
  readonly list: readonly Entry[];
}

// True because the tests dispatch entries, and the state holds them.
const append = ((draft: { list: Entry[] }, entry: Entry) => draft.list.push(entry)) as Reducer;

/** Every state that the server ever had, by version. */
class History extends TestServer {
  readonly states: State[];

  constructor() {
    super({ list: [] }, { append: appendOnServer });
    this.states = [this.state as unknown as State];
  }

  note(): void {
    for (const { version, patches } of this.commits.slice(this.states.length - 1)) {
      // True because the states are the one above.
      const before = this.states[version - 1] as unknown as Value;
      this.states[version] = applyPatches(before, patches) as unknown as State;
    }
  }
}

function appendOnServer(state: State, entry: Entry): { patches: Patch[]; result: number } {
  if (entry.refused) throw new Error("refused");
  const at = state.list.length;
  // True because an entry is a plain object of primitives.
  const value = { ...entry } as unknown as Value;
  return { patches: [{ op: "add", path: ["list", at], value }], result: entry.index };
}

/** The server's end of a link, whose frames wait until somebody delivers them. */
class Link extends FakeSocket {
  readonly down: string[] = [];

  constructor() {
    super("");
    this.readyState = FakeSocket.OPEN;
  }

  override deliverText(text: string): void {
    this.down.push(text);
  }
}

class Peer {
  readonly dispatched: Entry[] = [];
  readonly outcomes: unknown[] = [];
  readonly store: ModuleStore;
  readonly #page = new TestPage();
  readonly #by: number;
  readonly #server: History;
  #link: Link | undefined;
  #up: string[] = [];
  #resync = false;

  constructor(by: number, server: History) {
    this.#by = by;
    this.#server = server;
    this.store = new ModuleStore({
      environment: this.#page.environment,
      // Small, so that frames are cut and windows fill.
      limits: { ...DEFAULT_LIMITS, openSequences: 5, frameInBytes: 700 },
      module: "list",
      key: undefined,
      optimism,
      send: (frame) => this.#up.push(frame),
      greet: () => this.#up.push(encodeMessage(this.store.hello(false))),
      onStalled: () => this.drop(),
      onRejected: () => undefined,
    });
  }

  get isIdle(): boolean {
    return this.#link !== undefined && this.#up.length + this.#link.down.length === 0;
  }

  dispatch(refused: boolean): void {
    const entry = { by: this.#by, index: this.dispatched.length, refused };
    this.dispatched.push(entry);
    const at = entry.index;
    this.store.dispatch("append", entry, append).then(
      (result) => (this.outcomes[at] = result),
      ({ code }: HoldfastError) => (this.outcomes[at] = code),
    );
  }

  connect(): void {
    if (this.#link) return;
    this.#link = new Link();
    this.#up = [encodeMessage(this.store.hello(this.#resync))];
  }

  /** Everything that is on its way is lost. */
  drop(): void {
    if (!this.#link) return;
    this.#link.readyState = FakeSocket.CLOSED;
    this.#link = undefined;
    this.#up = [];
    this.store.disconnected();
  }

  deliverUp(twice: boolean): void {
    const link = this.#link;
    const frame = this.#up.shift();
    if (!link || frame === undefined) return;
    for (let count = 0; count < (twice ? 2 : 1); count++) {
      link.send(frame);
      this.#server.handle(link);
      this.#server.note();
    }
  }

  deliverDown(twice: boolean): void {
    const frame = this.#link?.down.shift();
    for (let count = 0; frame !== undefined && count < (twice ? 2 : 1); count++) {
      if (!this.#link) return;
      if (this.store.receive(decodeServerFrame(frame))) {
        if (this.store.isGreeted) this.#resync = false;
      } else {
        this.#resync = true;
        this.drop();
      }
    }
  }

  /** One frame is lost, as no network does it: only a broken server. */
  loseDown(): void {
    this.#link?.down.shift();
  }

  /** [G6] [G8] What is shown is a state that the server had, and what is pending on top. */
  check(): void {
    const { state, pending } = this.store.getSnapshot();
    const version = this.store.confirmed?.version;
    if (version === undefined) return;
    const waiting = this.dispatched.slice(this.dispatched.length - pending);
    // True because the state is the one above.
    const shown = (state as unknown as State).list;
    expect(shown).toEqual([...(this.#server.states[version]?.list ?? []), ...waiting]);
  }
}

type Step = readonly [peer: number, what: number];

async function run(steps: readonly Step[]): Promise<void> {
  const server = new History();
  const peers = [0, 1, 2].map((by) => new Peer(by, server));
  for (const [who, what] of steps) {
    const peer = peers[who];
    if (!peer) continue;
    if (what < 30) peer.dispatch(what % 5 === 0);
    else if (what < 40) peer.connect();
    else if (what < 45) peer.drop();
    else if (what < 68) peer.deliverUp(what % 10 === 0);
    else if (what < 71) peer.loseDown();
    else peer.deliverDown(what % 15 === 0);
    await settle();
    for (const one of peers) one.check();
  }
  // Whatever was lost without a trace is found at the next hello.
  for (const peer of peers) peer.drop();
  for (let guard = 0; guard < 2_000; guard++) {
    for (const peer of peers) {
      peer.connect();
      peer.deliverUp(false);
      peer.deliverDown(false);
    }
    await settle();
    if (peers.every(({ isIdle, store }) => isIdle && store.getSnapshot().pending === 0)) break;
  }
  for (const peer of peers) {
    peer.check();
    // [G7] [G2] [G3] Everybody is where the server is; everything was done once and in order.
    expect(peer.store.getSnapshot().state).toEqual(server.state);
    expect(peer.outcomes).toEqual(
      peer.dispatched.map(({ index, refused }) => (refused ? "REFUSED" : index)),
    );
  }
  const done = server.states.at(-1)?.list ?? [];
  for (const [by, peer] of peers.entries()) {
    expect(done.filter((entry) => entry.by === by)).toEqual(
      peer.dispatched.filter(({ refused }) => !refused),
    );
  }
}

test("[G2] [G3] [G6] [G7] [G8] three clients converge over drops, repeats and refusals", async () => {
  const steps = fc.array(fc.tuple(fc.nat(2), fc.nat(100)), { minLength: 20, maxLength: 150 });
  await fc.assert(fc.asyncProperty(steps, run), { numRuns: 600 });
}, 60_000);
