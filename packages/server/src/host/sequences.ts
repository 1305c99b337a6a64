import type { Answer } from "@holdfast/protocol";

/** One action of one client. */
export interface Sequence {
  readonly principal: string;
  readonly client: string;
  readonly seq: number;
  /** All up to here is reported to the client's user, as the client said with this action. */
  readonly settled: number;
}

/** What is known of one client, as it is stored and restored. */
export interface ClientRecord {
  readonly principal: string;
  readonly client: string;
  readonly settled: number;
  /** Finished sequences above `settled`, ascending, without a gap. */
  readonly answers: readonly (readonly [seq: number, answer: Answer])[];
}

/** What to do with a sequence that arrives. */
export type Decision =
  /** New, and all before it are known: run it. */
  | { readonly type: "start" }
  /** Reported long ago: say nothing. */
  | { readonly type: "settled" }
  /** Finished before: give the stored answer. */
  | { readonly type: "finished"; readonly answer: Answer }
  /** One before it is missing: `expected` is the first. */
  | { readonly type: "gap"; readonly expected: number }
  /** So many are open above `settled` that no more may start. */
  | { readonly type: "full" };

interface Client {
  settled: number;
  /** The highest sequence that was started; never below `settled`. */
  last: number;
  /** Finished sequences above `settled`, ascending. */
  readonly answers: Map<number, Answer>;
}

/**
 * Exactly once, in the client's order: per (principal, client id) the sequences that were started
 * and what became of them (DESIGN 5).
 *
 * @invariant of `settled + 1 … last`, each is in `answers` or is running now
 */
export class Sequences {
  readonly #clients = new Map<string, Map<string, Client>>();
  readonly #openLimit: number;

  constructor(records: Iterable<ClientRecord>, openLimit: number) {
    this.#openLimit = openLimit;
    for (const record of records) {
      this.#add(record.principal, record.client, {
        settled: record.settled,
        last: record.answers.at(-1)?.[0] ?? record.settled,
        answers: new Map(record.answers),
      });
    }
  }

  /** Takes note of `settled`, then says what to do with the sequence. */
  decide({ principal, client: clientId, seq, settled }: Sequence): Decision {
    let client = this.#find(principal, clientId);
    if (!client) {
      // An unknown client begins at the `settled` that it states.
      client = { settled, last: settled, answers: new Map() };
      this.#add(principal, clientId, client);
    }
    settle(client, settled);
    if (seq <= client.settled) return { type: "settled" };
    const answer = client.answers.get(seq);
    if (answer) return { type: "finished", answer };
    if (seq !== client.last + 1) return { type: "gap", expected: client.last + 1 };
    if (seq - client.settled > this.#openLimit) return { type: "full" };
    return { type: "start" };
  }

  /** Marks the sequence that `decide` said to start. */
  start(sequence: Sequence): void {
    const client = this.#find(sequence.principal, sequence.client);
    if (client?.last !== sequence.seq - 1) {
      throw new Error("A sequence started that was not the next one.");
    }
    client.last = sequence.seq;
  }

  /** Keeps the answer of a sequence that was started. */
  finish(sequence: Sequence, answer: Answer): void {
    const client = this.#find(sequence.principal, sequence.client);
    if (!client || sequence.seq > client.last || client.answers.has(sequence.seq)) {
      throw new Error("A sequence finished that was not running.");
    }
    client.answers.set(sequence.seq, answer);
  }

  /** Undoes `start` and `finish` of the latest sequence: nothing is decided about it. */
  reopen({ principal, client: clientId, seq }: Sequence): void {
    const client = this.#find(principal, clientId);
    if (client?.last !== seq) throw new Error("Only the latest sequence can be opened again.");
    client.last = seq - 1;
    client.answers.delete(seq);
  }

  /** The answers above `settled`, ascending: what a client that says `hello` may have missed. */
  missed(principal: string, clientId: string, settled: number): ReadonlyMap<number, Answer> {
    const client = this.#find(principal, clientId);
    if (!client) return new Map();
    settle(client, settled);
    return client.answers;
  }

  /** Everything worth storing: clients with something above their `settled`. */
  *records(): Generator<ClientRecord> {
    for (const [principal, clients] of this.#clients) {
      for (const [client, { settled, answers }] of clients) {
        if (answers.size > 0) yield { principal, client, settled, answers: [...answers] };
      }
    }
  }

  #find(principal: string, clientId: string): Client | undefined {
    return this.#clients.get(principal)?.get(clientId);
  }

  #add(principal: string, clientId: string, client: Client): void {
    let clients = this.#clients.get(principal);
    if (!clients) this.#clients.set(principal, (clients = new Map()));
    clients.set(clientId, client);
  }
}

/** Forgets the answers that the client has reported. */
function settle(client: Client, settled: number): void {
  if (settled <= client.settled) return;
  if (settled >= client.last) client.answers.clear();
  else for (let seq = client.settled + 1; seq <= settled; seq++) client.answers.delete(seq);
  client.settled = settled;
  client.last = Math.max(client.last, settled);
}
