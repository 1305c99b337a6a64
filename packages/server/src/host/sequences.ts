import type { Answer } from "@holdfast/protocol";
import type { ClientRecord, FinishedSequence } from "../storage/journal-entry.ts";

/** One action of one client: what arrives, and what is stored with its answer. */
export type Sequence = Omit<FinishedSequence, "answer">;

/** What to do with a sequence that arrives. */
export type Decision =
  /** New, and all before it are known: run it. */
  | { readonly type: "start" }
  /** Reported long ago: say nothing. */
  | { readonly type: "settled" }
  /** Finished before: give the stored answer. */
  | { readonly type: "finished"; readonly answer: Answer }
  /** Started and not ended: its answer will come. */
  | { readonly type: "running" }
  /** One before it is missing: `expected` is the first. */
  | { readonly type: "gap"; readonly expected: number }
  /** So many are open above `settled` that no more may start. */
  | { readonly type: "full" };

interface Client {
  settled: number;
  /** The first sequence that is neither finished nor running. */
  next: number;
  /** Finished sequences above `settled`. */
  readonly answers: Map<number, Answer>;
  readonly running: Set<number>;
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
 * @invariant of `settled + 1 … next - 1`, each is in `answers` or in `running`; `next` is in neither
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
    const answer = client.answers.get(seq);
    if (answer) return { type: "finished", answer };
    if (client.running.has(seq)) return { type: "running" };
    if (seq !== client.next) return { type: "gap", expected: client.next };
    return seq - client.settled > this.#openLimit ? FULL : START;
  }

  /** Marks the sequence that `decide` said to start. */
  start(sequence: Sequence): void {
    const client = this.#inMemory(sequence);
    if (client?.next !== sequence.seq) {
      throw new Error("A sequence started that was not the next one.");
    }
    client.running.add(sequence.seq);
    proceed(client);
  }

  /** All before it are known: none of them was opened again since it started. */
  follows(sequence: Sequence): boolean {
    const client = this.#inMemory(sequence);
    return client !== undefined && client.next > sequence.seq;
  }

  isRunning(sequence: Sequence): boolean {
    return this.#inMemory(sequence)?.running.has(sequence.seq) ?? false;
  }

  /** Keeps the answer of a sequence that is running. */
  finish(sequence: Sequence, answer: Answer): void {
    const client = this.#inMemory(sequence);
    if (!client?.running.delete(sequence.seq)) {
      throw new Error("A sequence finished that was not running.");
    }
    client.answers.set(sequence.seq, answer);
  }

  /** Undoes `start` and `finish`: nothing is decided about the sequence. */
  reopen(sequence: Sequence): void {
    const client = this.#inMemory(sequence);
    if (!client) throw new Error("A sequence was opened again that is not known.");
    client.running.delete(sequence.seq);
    client.answers.delete(sequence.seq);
    client.next = Math.min(client.next, sequence.seq);
  }

  /** Nothing was decided about it just now, but an answer is stored already: that one stands. */
  recall(sequence: Sequence, answer: Answer): void {
    const client = this.#inMemory(sequence);
    if (!client) throw new Error("A sequence was recalled that is not known.");
    client.running.delete(sequence.seq);
    client.answers.set(sequence.seq, answer);
    proceed(client);
  }

  /** The answers above `settled`, ascending: what a client that says `hello` may have missed. */
  missed(principal: string, clientId: string, settled: number): ReadonlyMap<number, Answer> {
    return this.#reported(principal, clientId, settled).answers;
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
      (clients?.get(clientId)?.running.size ?? 0) > 0 ||
      this.#unsaved.some((one) => one.principal === principal && one.client === clientId);
    if (waits) return;
    this.#last = undefined;
    clients?.delete(clientId);
    if (clients?.size === 0) this.#clients.delete(principal);
  }

  /** The client with its `settled` brought up to what it says. */
  #reported(principal: string, clientId: string, settled: number): Client {
    const client = this.#find(principal, clientId, settled);
    if (settled <= client.settled) return client;
    for (const seq of client.answers.keys()) if (seq <= settled) client.answers.delete(seq);
    client.settled = settled;
    if (client.next <= settled) {
      client.next = settled + 1;
      proceed(client);
    }
    this.#store.settle(principal, clientId, settled);
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

const START: Decision = { type: "start" };
const FULL: Decision = { type: "full" };

/** An unknown client begins at the `settled` that it states. */
function fromRecord(record: ClientRecord | undefined, settled: number): Client {
  const client: Client = {
    settled: record?.settled ?? settled,
    next: (record?.settled ?? settled) + 1,
    answers: new Map(record?.answers),
    running: new Set(),
  };
  proceed(client);
  return client;
}

function proceed(client: Client): void {
  while (client.answers.has(client.next) || client.running.has(client.next)) client.next++;
}
