import type { ActionMessage, ServerMessage, Value } from "@holdfast/protocol";
import { applyPatches } from "@holdfast/protocol";
import { settled, type TestConnection } from "../host.fixture.ts";
import type { MoveWorld } from "./move-world.fixture.ts";

/** What became of an action, as the page's own user hears it. */
export type Heard =
  | { readonly type: "done"; readonly result: Value | undefined }
  | { readonly type: "refused"; readonly code: string };

interface Open {
  readonly message: ActionMessage;
  readonly heard: { outcome: Heard | undefined };
  wasSent: boolean;
}

/** A page as the protocol has it, in as few words as possible: one action under way at a time. */
export class MovePage {
  readonly #world: MoveWorld;
  readonly #session: string;
  readonly #label: string;
  #client = 0;
  #seq = 0;
  #generation: number | undefined;
  #isGreeted = false;
  #hasGreeted = false;
  #open: Open[] = [];
  /** Done, and shown as soon as there is a state. */
  #carried: { open: Open; outcome: Heard }[] = [];
  connection: TestConnection | undefined;
  state: unknown;
  /** Every frame that it ever got. */
  readonly wire: string[] = [];
  isOffline = false;

  constructor(world: MoveWorld, session: string, label: string) {
    this.#world = world;
    this.#session = session;
    this.#label = label;
  }

  get client(): string {
    return `${this.#label}-${this.#client}`;
  }

  act(name: string, payload?: Value): { outcome: Heard | undefined } {
    const heard: { outcome: Heard | undefined } = { outcome: undefined };
    const message: ActionMessage = {
      type: "action",
      client: this.client,
      seq: ++this.#seq,
      settled: 0,
      name,
      ...(payload === undefined ? {} : { payload }),
    };
    this.#open.push({ message, heard, wasSent: false });
    return heard;
  }

  goOffline(): void {
    this.isOffline = true;
    if (this.connection && !this.connection.closed) {
      this.connection.close(1006, "offline");
      const name = this.#world.nameOf(this.connection);
      if (name !== undefined) this.#world.host(name).disconnect(this.connection);
    }
    this.#isGreeted = false;
  }

  /** Connects if it has to, sends what is open, and takes in what there is. */
  async run(): Promise<void> {
    await settled();
    this.#takeIn();
    if (this.isOffline) return;
    if (!this.connection || this.connection.closed) {
      this.#isGreeted = this.#hasGreeted = false;
      this.connection = await this.#world.connect(this.#session);
      if (!this.connection) return;
      this.#world.say(this.connection, {
        type: "hello",
        protocol: 1,
        clients: [{ id: this.client, settled: this.#settled }],
        ...(this.#generation === undefined ? {} : { generation: this.#generation }),
      });
      this.#hasGreeted = true;
      this.#takeIn();
    }
    if (this.connection && this.#isGreeted && this.#open.length > 0) {
      for (const open of this.#open) open.wasSent = true;
      const reported = this.#settled;
      const messages = this.#open.map(({ message }) => ({ ...message, settled: reported }));
      this.#world.say(this.connection, ...messages);
      await settled();
      this.#takeIn();
    }
  }

  /** All up to this one are answered. */
  get #settled(): number {
    return (this.#open[0]?.message.seq ?? this.#seq + 1) - 1;
  }

  #takeIn(): void {
    if (!this.connection) return;
    const { connection } = this;
    const read = connection.frames.reduce((sum, { length }) => sum + length, 0);
    this.wire.push(...connection.frames);
    const messages = connection.take();
    // So that more of a large frame follows.
    if (read > 0 && this.#hasGreeted) this.#world.say(connection, { type: "seen", read });
    for (const message of messages) this.#hear(message);
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot":
        this.state = message.state;
        this.#isGreeted = true;
        for (const { open, outcome } of this.#carried.splice(0)) open.heard.outcome = outcome;
        break;
      case "resume":
        this.#isGreeted = true;
        break;
      case "commit":
        this.state = applyPatches(this.state as Value, message.patches);
        break;
      case "bound":
        this.#generation = message.generation;
        break;
      case "ack":
        this.#answer(
          message.client,
          message.seq,
          { type: "done", result: message.result },
          message.version === 0,
        );
        break;
      case "reject":
        this.#answer(
          message.client,
          message.seq,
          { type: "refused", code: message.error.code },
          false,
        );
        break;
      case "rebind":
        this.#rebind();
        break;
    }
  }

  #answer(client: string, seq: number, outcome: Heard, isCarried: boolean): void {
    const at = this.#open.findIndex(
      ({ message }) => message.client === client && message.seq === seq,
    );
    const [open] = at === -1 ? [] : this.#open.splice(at, 1);
    if (!open) return;
    if (isCarried) this.#carried.push({ open, outcome });
    else open.heard.outcome = outcome;
  }

  #rebind(): void {
    const isLate = !this.#isGreeted;
    for (const { heard, wasSent } of this.#open.splice(0)) {
      heard.outcome = {
        type: "refused",
        code: isLate && wasSent ? "OUTCOME_UNKNOWN" : "KEY_CHANGED",
      };
    }
    this.state = undefined;
    this.#isGreeted = false;
    this.#generation = undefined;
    this.#client++;
    this.#seq = 0;
    this.connection = undefined;
  }
}
