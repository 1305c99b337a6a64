import { DEFAULT_LIMITS, replayPatches } from "@holdfast/protocol";
import type { Limits, Patch, Value } from "@holdfast/protocol";
import { expect } from "vitest";
import { openNodeSqlite } from "../../node/node-sqlite-port.ts";
import { counting } from "../counting-port.fixture.ts";
import { createTables } from "../tables.ts";
import { Partition } from "./partition.ts";

/** Small parts, so that small states have many. */
export const SMALL: Limits = { ...DEFAULT_LIMITS, partBytes: 1024 };

/** A state and its partition, kept in step as a host keeps them. */
export class Checkpointed {
  readonly sql = counting(openNodeSqlite(":memory:"));
  readonly limits: Limits;
  state: Value;
  partition: Partition;
  round = 0;
  root = 0;

  constructor(state: Value, limits: Limits = DEFAULT_LIMITS) {
    createTables(this.sql);
    this.limits = limits;
    this.state = state;
    this.partition = new Partition(this.sql, limits);
    this.checkpoint();
  }

  change(...patches: Patch[]): void {
    if (this.partition.overtakes([patches])) this.partition.keep(this.state);
    this.state = replayPatches(this.state, patches);
    this.partition.mark(patches);
  }

  /** Writes what has changed; how many rows that took. */
  checkpoint(): number {
    const before = this.sql.written;
    const { round, root } = this.partition.write(this.state);
    this.partition.deleteSurplus();
    this.partition.finish();
    this.round = round;
    this.root = root;
    return this.sql.written - before;
  }

  /** Puts at least one part of the round under way; whether that was the last. */
  step(characters = 1): boolean {
    this.partition.take(this.state, characters);
    const { round, complete } = this.partition;
    this.partition.put();
    this.partition.placed();
    if (!round || !complete) return false;
    this.partition.finish();
    this.round = round.number;
    this.root = round.root;
    return true;
  }

  /** A checkpoint that fails when everything is written. */
  failCheckpoint(): void {
    this.partition.begin(this.state);
    const work = (): void => {
      this.partition.take(this.state, Infinity);
      this.partition.put();
      throw new Error("The disk is full.");
    };
    expect(() => this.sql.transaction(work)).toThrow("The disk is full.");
    this.partition.abandon();
  }

  /** What a wake would read. */
  read(): { partition: Partition; state: Value } {
    return Partition.restore(this.sql, this.limits, { round: this.round, root: this.root });
  }

  rows(): { slot: number; head: string; body: string }[] {
    return this.sql
      .run("SELECT slot, head, body FROM holdfast_parts ORDER BY slot")
      .map(({ slot, head, body }) => ({
        slot: Number(slot),
        head: String(head),
        body: String(body),
      }));
  }
}

/** Items of a list, each a little larger than its text. */
export function items(count: number): Value[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index,
    text: `the text of item ${index}`,
  }));
}
