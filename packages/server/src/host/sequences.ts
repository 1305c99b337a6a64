import type { Answer } from "@holdfast/protocol";
import type { ClientRecord, FinishedSequence } from "../storage/journal-entry.ts";

/** One action of one client: what arrives, and what is stored with its answer. */
export type Sequence = Omit<FinishedSequence, "answer" | "isPatch">;

/** What to do with a sequence that arrives. */
export type Decision =
  /** New, and all before it are known: run it. */
  | { readonly type: "start" }
  /** Reported long ago, or void since a patch in front of it is stale: say nothing. */
  | { readonly type: "settled" }
  /** Finished before: give the stored answer. */
  | { readonly type: "finished"; readonly answer: Answer }
  /** Started and not ended: its answer will come. */
  | { readonly type: "running" }
  /** One before it is missing: `expected` is the first. */
  | { readonly type: "gap"; readonly expected: number }
  /** So many are open above `settled` that no more may start. */
  | { readonly type: "full" };

/** How a sequence that was started stands to those before it. */
export type Order =
  /** All before it are known: none of them was opened again since it started. */
  | "following"
  /**
   * One before it was opened again since it started, and has started again: its client counts on an
   * answer, and hears of no other that it has to send it again.
   */
  | "passed"
  /** One before it is missing: what its client was told of that one has it send both again. */
  | "gap";

/** Started and not ended. */
const RUNNING = "running";
/** The same, and a part of it is durable. */
const PUBLISHED = "published";
/** Started and not ended, and one before it was opened again since: it must not come to anything. */
const OVERTAKING = "overtaking";

type Open = typeof RUNNING | typeof PUBLISHED | typeof OVERTAKING;
type Known = Answer | Open | undefined;

interface Client {
  settled: number;
  /** The first sequence that is neither finished nor running. */
  next: number;
  /** What is known of `settled + 1` and those above it, in order. */
  readonly known: Known[];
  /** The client was, or will be, asked to make its patches again from here: what follows is void. */
  stale: number;
}

/** Where answers are kept that are durable: the journal. */
export interface AnswerStore {
  /** What is known of a client that is not in memory. */
  client(principal: string, client: string): ClientRecord | undefined;
  /** All up to `settled` is reported and may be forgotten. */
  settle(principal: string, client: string, settled: number): void;
}

/**
 * Exactly once, in the client's order: per (principal, client id) the sequences that were started
 * and what became of them (DESIGN 5). In memory are the clients at hand; the rest is in the store.
 *
 * @invariant of `settled + 1 … next - 1`, each is known; `next` is not
 */
export class Sequences {
  readonly #store: AnswerStore;
  readonly #openLimit: number;
  readonly #clients = new Map<string, Map<string, Client>>();
  #unsaved: FinishedSequence[] = [];
  /** The one that was looked up last: an action asks for its own again and again. */
  #last: { readonly principal: string; readonly id: string; readonly client: Client } | undefined;

  constructor(store: AnswerStore, openLimit: number) {
    this.#store = store;
    this.#openLimit = openLimit;
  }

  /** Takes note of `settled`, then says what to do with the sequence. */
  decide({ principal, client: clientId, seq, settled }: Sequence): Decision {
    const client = this.#reported(principal, clientId, settled);
    if (seq <= client.settled) return { type: "settled" };
    const known = knownOf(client, seq);
    if (isOpen(known)) return { type: "running" };
    if (known) return { type: "finished", answer: known };
    if (seq !== client.next) return client.stale === client.next ? VOID : gapAt(client.next);
    return seq - client.settled > this.#openLimit ? FULL : START;
  }

  /** Marks the sequence that `decide` said to start. */
  start(sequence: Sequence): void {
    const client = this.#inMemory(sequence);
    if (client?.next !== sequence.seq) {
      throw new Error("A sequence started that was not the next one.");
    }
    know(client, sequence.seq, RUNNING);
  }

  /** Marks a sequence as running whose action is carried on from storage. */
  hold({ principal, client, seq, settled }: Sequence): void {
    know(this.#find(principal, client, settled), seq, RUNNING);
  }

  orderOf(sequence: Sequence): Order {
    const client = this.#inMemory(sequence);
    if (client === undefined || client.next <= sequence.seq) return "gap";
    return knownOf(client, sequence.seq) === OVERTAKING ? "passed" : "following";
  }

  /** The sequence may be started now. */
  isNext(sequence: Sequence): boolean {
    return this.#inMemory(sequence)?.next === sequence.seq;
  }

  isRunning(sequence: Sequence): boolean {
    const client = this.#inMemory(sequence);
    return client !== undefined && isOpen(knownOf(client, sequence.seq));
  }

  /** It was done, not refused, and its client may not know. */
  isDone(principal: string, client: string, seq: number): boolean {
    const one = this.#clients.get(principal)?.get(client);
    const known = one && knownOf(one, seq);
    return typeof known === "object" && known.type === "ack";
  }

  /** A part of what the sequence does is durable, and shown from the state. */
  publish(sequence: Sequence): void {
    const client = this.#inMemory(sequence);
    if (client && isOpen(knownOf(client, sequence.seq))) know(client, sequence.seq, PUBLISHED);
  }

  /** Those that run and have published a part, ascending. */
  published(principal: string, clientId: string): number[] {
    const client = this.#clients.get(principal)?.get(clientId);
    if (!client) return [];
    return client.known.flatMap((one, index) =>
      one === PUBLISHED ? [client.settled + 1 + index] : [],
    );
  }

  /** Nothing is decided about the sequence, and what follows it is void until it comes again. */
  rewind(sequence: Sequence): void {
    this.reopen(sequence);
    const client = this.#inMemory(sequence);
    if (client) client.stale = sequence.seq;
  }

  /** Keeps the answer of a sequence that is running. */
  finish(sequence: Sequence, answer: Answer): void {
    const client = this.#inMemory(sequence);
    if (!client || !isOpen(knownOf(client, sequence.seq))) {
      throw new Error("A sequence finished that was not running.");
    }
    know(client, sequence.seq, answer);
  }

  /** Undoes `start` and `finish`: nothing is decided about the sequence. */
  reopen(sequence: Sequence): void {
    const client = this.#inMemory(sequence);
    if (!client) throw new Error("A sequence was opened again that is not known.");
    const { known } = client;
    const at = sequence.seq - client.settled - 1;
    known[at] = undefined;
    client.next = Math.min(client.next, sequence.seq);
    // Also once it has been started again: those wait in front of it now.
    for (let later = at + 1; later < known.length; later++) {
      if (known[later] === RUNNING) known[later] = OVERTAKING;
    }
  }

  /** Nothing was decided about it just now, but an answer is stored already: that one stands. */
  recall(sequence: Sequence, answer: Answer): void {
    const client = this.#inMemory(sequence);
    if (!client) throw new Error("A sequence was recalled that is not known.");
    know(client, sequence.seq, answer);
  }

  /** @throws HoldfastError where what is stored of the client cannot be read: nobody else minds */
  load(principal: string, clientId: string, settled: number): void {
    this.#find(principal, clientId, settled);
  }

  /** The answers above `settled`, ascending: what a client that says `hello` may have missed. */
  missed(principal: string, clientId: string, settled: number): [seq: number, answer: Answer][] {
    const client = this.#reported(principal, clientId, settled);
    return client.known.flatMap((one, index) =>
      one === undefined || isOpen(one) ? [] : [[client.settled + 1 + index, one]],
    );
  }

  /** Answers that were told without a row of their own: they ride in the next one. */
  get unsaved(): readonly FinishedSequence[] {
    return this.#unsaved;
  }

  addUnsaved(finished: readonly FinishedSequence[]): void {
    this.#unsaved.push(...finished);
  }

  /** A row has taken them along. */
  clearUnsaved(): void {
    this.#unsaved = [];
  }

  /** The client is not connected any more; what is durable of it comes back from the store. */
  forget(principal: string, clientId: string): void {
    const clients = this.#clients.get(principal);
    const waits =
      clients?.get(clientId)?.known.some(isOpen) ||
      this.#unsaved.some((one) => one.principal === principal && one.client === clientId);
    if (waits) return;
    this.#last = undefined;
    clients?.delete(clientId);
    if (clients?.size === 0) this.#clients.delete(principal);
  }

  /** The client with its `settled` brought up to what it says: none that runs can be reported. */
  #reported(principal: string, clientId: string, settled: number): Client {
    const client = this.#find(principal, clientId, settled);
    const { known } = client;
    if (settled <= client.settled) return client;
    const runs = known.findIndex(isOpen);
    const reported = runs < 0 ? settled : Math.min(settled, client.settled + runs);
    if (reported === client.settled) return client;
    known.splice(0, reported - client.settled);
    client.settled = reported;
    if (client.next <= client.settled) {
      client.next = client.settled + 1;
      proceed(client);
    }
    this.#store.settle(principal, clientId, client.settled);
    return client;
  }

  #inMemory({ principal, client }: Sequence): Client | undefined {
    const last = this.#last;
    if (last?.id === client && last.principal === principal) return last.client;
    return this.#clients.get(principal)?.get(client);
  }

  #find(principal: string, clientId: string, settled: number): Client {
    let clients = this.#clients.get(principal);
    if (!clients) this.#clients.set(principal, (clients = new Map()));
    let client = clients.get(clientId);
    if (!client) {
      client = fromRecord(this.#store.client(principal, clientId), settled);
      clients.set(clientId, client);
    }
    this.#last = { principal, id: clientId, client };
    return client;
  }
}

const VOID: Decision = { type: "settled" };
const START: Decision = { type: "start" };
const FULL: Decision = { type: "full" };

/** An unknown client begins at the `settled` that it states. */
function fromRecord(record: ClientRecord | undefined, stated: number): Client {
  const settled = record?.settled ?? stated;
  const client: Client = { settled, next: settled + 1, known: [], stale: 0 };
  for (const [seq, answer] of record?.answers ?? []) know(client, seq, answer);
  return client;
}

function knownOf({ known, settled }: Client, seq: number): Client["known"][number] {
  return known[seq - settled - 1];
}

function gapAt(expected: number): Decision {
  return { type: "gap", expected };
}

function isOpen(known: Known): known is Open {
  return known === RUNNING || known === PUBLISHED || known === OVERTAKING;
}

function know(client: Client, seq: number, what: NonNullable<Known>): void {
  client.known[seq - client.settled - 1] = what;
  proceed(client);
}

function proceed(client: Client): void {
  while (knownOf(client, client.next) !== undefined) client.next++;
}
