import type { CommitMessage } from "@holdfast/protocol";
import type { Ledger } from "./ledger.ts";
import type { WireAnswer, WireClient, WireObserver } from "./wire-client.ts";

/** What an action was, to judge its answer by. */
export type Sent = { readonly type: "mark"; readonly n: number } | { readonly type: "refuse" };

/**
 * Remembers everything that clients were told, and holds it against every state that the server
 * shows later. It never asks the server what is right.
 */
export class KillOracle implements WireObserver {
  /** Numbers acknowledged and never seen again, or answered with another history's result. */
  lost = 0;
  doubled = 0;
  disordered = 0;
  diverged = 0;
  acked = 0;
  refused = 0;
  /** Clients that were cut off because large commits came faster than they said to have read. */
  cutOffs = 0;
  /** Called inside the event that brought an ack. */
  onAck: (() => void) | undefined;
  readonly failures: string[] = [];
  readonly #sent = new Map<string, Map<number, Sent>>();
  /** Per client, the highest number that was acknowledged. */
  readonly #ackedUpTo = new Map<string, number>();
  /** Whom each total was given to: one action each, in the order of their versions. */
  readonly #totals = new Map<number, string>();
  /** Entries of the state's own list that are counted already. */
  #disorderSeen = 0;
  /** Every applied action is one version at least. */
  #highestTotal = 0;
  /** The marks of the versions that any client was shown. */
  readonly #marks = new Map<number, string>();

  sent(client: WireClient, seq: number, action: Sent): void {
    let sent = this.#sent.get(client.id);
    if (sent === undefined) this.#sent.set(client.id, (sent = new Map()));
    sent.set(seq, action);
  }

  answered(client: WireClient, seq: number, answer: WireAnswer): void {
    const action = this.#sent.get(client.id)?.get(seq);
    this.#sent.get(client.id)?.delete(seq);
    if (action === undefined) return this.broken(client, `sequence ${seq} was never sent`);
    if (action.type === "refuse") {
      this.refused++;
      if (answer.type === "ack") this.broken(client, `sequence ${seq} had to be refused`);
      return;
    }
    if (answer.type === "reject") {
      return this.broken(client, `sequence ${seq} was refused: ${answer.error.code}`);
    }
    this.#acknowledged(client, action.n, answer);
  }

  applied(client: WireClient, commit: CommitMessage): void {
    const known = this.#marks.get(commit.version);
    if (known === undefined) this.#marks.set(commit.version, commit.mark);
    else if (known !== commit.mark) {
      this.diverged++;
      this.failures.push(`version ${commit.version} was shown with two marks, one at ${client.id}`);
    }
  }

  cutOff(): void {
    this.cutOffs++;
  }

  broken(client: WireClient, what: string): void {
    this.diverged++;
    this.failures.push(`${client.id}: ${what}`);
  }

  /** Holds a state that the server shows against all that was told before. */
  judge(state: Ledger, version: number, moment: string): void {
    for (const [client, n] of this.#ackedUpTo) {
      const entry = state.clients.get(client) ?? { last: 0, count: 0 };
      if (entry.last < n) {
        this.lost += n - entry.last;
        this.failures.push(
          `${moment}: ${client} was acknowledged ${n}, the state has ${entry.last}`,
        );
      }
      if (entry.count > entry.last) this.doubled += entry.count - entry.last;
      if (entry.count < entry.last) this.lost += entry.last - entry.count;
      if (entry.count !== entry.last) {
        this.failures.push(
          `${moment}: ${client} at ${entry.last} was applied ${entry.count} times`,
        );
      }
    }
    let total = 0;
    for (const { count } of state.clients.values()) total += count;
    if (total !== state.total) {
      this.diverged++;
      this.failures.push(`${moment}: the parts make ${total}, the total says ${state.total}`);
    }
    this.#judgeOrder(state, moment);
    if (version < this.#highestTotal) {
      this.failures.push(`${moment}: version ${version} is behind what was acknowledged`);
      this.lost++;
    }
  }

  #judgeOrder(state: Ledger, moment: string): void {
    for (const { client, n, last } of state.disorder.slice(this.#disorderSeen)) {
      this.disordered++;
      this.failures.push(`${moment}: ${client} applied ${n} after ${last}`);
    }
    this.#disorderSeen = state.disorder.length;
    const latest = new Map<string, number>();
    for (const entry of state.log) {
      const colon = entry.lastIndexOf(":");
      const client = entry.slice(0, colon);
      const n = Number(entry.slice(colon + 1));
      const last = latest.get(client);
      latest.set(client, n);
      if (last === undefined || n === last + 1) continue;
      this.disordered++;
      this.failures.push(`${moment}: the log has ${client}:${n} right after ${client}:${last}`);
    }
  }

  #acknowledged(client: WireClient, n: number, answer: WireAnswer & { type: "ack" }): void {
    this.acked++;
    const upTo = this.#ackedUpTo.get(client.id) ?? 0;
    if (n !== upTo + 1) {
      this.disordered++;
      this.failures.push(`${client.id}: ${n} was acknowledged after ${upTo}`);
    }
    this.#ackedUpTo.set(client.id, Math.max(n, upTo));
    // The handler returns nothing else.
    const { count, total } = answer.result as { count: number; total: number };
    if (count !== n) {
      if (count > n) this.doubled += count - n;
      else this.lost += n - count;
      this.failures.push(`${client.id}: ${n} was applied as number ${count}`);
    }
    const holder = this.#totals.get(total);
    if (holder !== undefined) {
      this.lost++;
      this.failures.push(`${client.id}:${n} and ${holder} were both given the total ${total}`);
    }
    this.#totals.set(total, `${client.id}:${n}`);
    this.#highestTotal = Math.max(this.#highestTotal, total);
    this.onAck?.();
  }
}
