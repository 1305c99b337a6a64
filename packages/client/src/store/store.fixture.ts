import {
  type ActionMessage,
  type ClientMessage,
  type CommitMessage,
  DEFAULT_LIMITS,
  decodeClientFrame,
  type HoldfastError,
  type Limits,
  type Patch,
  type ServerMessage,
  type SnapshotMessage,
  type Value,
} from "@holdfast/protocol";
import { settle, TestPage } from "../page.fixture.ts";
import type { Rejection } from "./action-promise.ts";
import { ModuleStore } from "./module-store.ts";
import { optimism } from "./optimism.ts";

/** A store whose wire is in the hands of the test. */
export class StoreBench {
  readonly page = new TestPage();
  readonly rejections: Rejection[] = [];
  readonly store: ModuleStore;
  /** How often subscribers were told. */
  notified = 0;
  stalled = 0;
  /** How often the store wanted `hello` said again. */
  greetings = 0;
  readonly #frames: string[] = [];

  constructor(limits: Partial<Limits> = {}) {
    this.store = new ModuleStore({
      environment: this.page.environment,
      limits: { ...DEFAULT_LIMITS, ...limits },
      module: "test",
      key: undefined,
      optimism,
      send: (frame) => this.#frames.push(frame),
      greet: () => this.greetings++,
      onStalled: () => this.stalled++,
      onRejected: (rejection) => this.rejections.push(rejection),
    });
    this.store.subscribe(() => this.notified++);
  }

  get state(): Value | undefined {
    return this.store.getSnapshot().state;
  }

  /** Says hello and answers with the snapshot of a first version. */
  greet(state: Value, version = 0): void {
    this.store.hello(false);
    this.store.receive([this.snapshot(state, version)]);
  }

  snapshot(state: Value, version: number): SnapshotMessage {
    return { type: "snapshot", epoch: "e", version, mark: `m${version}`, schema: "s", state };
  }

  commit(version: number, ...patches: Patch[]): CommitMessage {
    return { type: "commit", version, mark: `m${version}`, patches };
  }

  replace(version: number, path: readonly (string | number)[], value: Value): CommitMessage {
    return this.commit(version, { op: "replace", path, value });
  }

  ack(seq: number, version: number, result?: Value): ServerMessage {
    const ack = { type: "ack", client: this.store.client, seq, version } as const;
    return result === undefined ? ack : { ...ack, result };
  }

  reject(seq: number, message = "no"): ServerMessage {
    const error = { code: "REFUSED", message } as const;
    return { type: "reject", client: this.store.client, seq, error };
  }

  busy(seq: number, retryAfter: number): ServerMessage {
    return { type: "busy", client: this.store.client, seq, retryAfter };
  }

  gap(seq: number): ServerMessage {
    return { type: "gap", client: this.store.client, seq };
  }

  /** The frames sent since the last call. */
  async frames(): Promise<ClientMessage[][]> {
    await settle();
    return this.#frames.splice(0).map((text) => decodeClientFrame(text, DEFAULT_LIMITS));
  }

  /** The sequences of those frames. */
  async sequences(): Promise<number[][]> {
    // True because a store sends nothing but actions.
    return (await this.frames()).map((frame) => (frame as ActionMessage[]).map(({ seq }) => seq));
  }
}

/** How a promise stands by now. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  const open = Symbol("open");
  await settle();
  return Promise.race([
    promise.catch((error: HoldfastError) => error.code),
    settle().then(() => open),
  ]).then((value) => (value === open ? "open" : value));
}
