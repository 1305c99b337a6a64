import {
  applyPatches,
  type ClientMessage,
  type CommitMessage,
  FrameAssembler,
  type HelloMessage,
  PROTOCOL_VERSION,
  type ServerMessage,
  type SnapshotMessage,
} from "@holdfast/protocol";
import { TestConnection, type TestInstance } from "./host.fixture.ts";

/** A client that reads when it is told to: what it was handed and has not read is looked at. */
export class Reader {
  connection!: TestConnection;
  readonly #instance: TestInstance;
  readonly #principal: string;
  readonly #client: string;
  readonly #seenEvery: number;
  #assembler = new FrameAssembler();
  #unreported = 0;
  replica: Omit<SnapshotMessage, "type"> | undefined;
  /** Everything that it was told beside commits. */
  readonly told: ServerMessage[] = [];

  constructor(
    instance: TestInstance,
    options: { principal?: string; client?: string; seenEvery?: number } = {},
  ) {
    this.#instance = instance;
    this.#principal = options.principal ?? "reader";
    this.#client = options.client ?? "reader";
    this.#seenEvery = options.seenEvery ?? 262_144;
    this.connect();
  }

  /** A new link, with what it has. */
  connect(): void {
    this.connection = new TestConnection(this.#principal);
    this.#assembler = new FrameAssembler();
    this.#unreported = 0;
    this.#instance.host.connect(this.connection);
    const hello: HelloMessage = {
      type: "hello",
      protocol: PROTOCOL_VERSION,
      clients: [{ id: this.#client, settled: 0 }],
    };
    const { epoch, version, mark, schema } = this.replica ?? {};
    const has = { epoch, version, mark, schema } as Required<typeof hello>;
    this.say(this.replica ? { ...hello, ...has } : hello);
  }

  say(...messages: readonly ClientMessage[]): void {
    this.#instance.say(this.connection, ...messages);
  }

  /** Characters that the platform would have to keep for it. */
  get unread(): number {
    return this.connection.frames.reduce((sum, frame) => sum + frame.length, 0);
  }

  /** Reads one frame, and says so when it is time. */
  read(): boolean {
    const frame = this.connection.frames.shift();
    if (frame === undefined) return false;
    for (const message of this.#assembler.receive(frame)) this.#take(message);
    this.#unreported += frame.length;
    if (this.#unreported >= this.#seenEvery) {
      const read = this.#unreported;
      this.#unreported = 0;
      this.say({ type: "seen", read });
    }
    return true;
  }

  readAll(): void {
    while (this.read());
  }

  #take(message: ServerMessage): void {
    if (message.type === "snapshot") this.replica = message;
    else if (message.type === "resume") message.commits.forEach((commit) => this.#apply(commit));
    else if (message.type === "commit") this.#apply(message);
    else {
      if (message.type === "ack" && message.version > (this.replica?.version ?? -1)) {
        throw new Error(`The answer to ${message.seq} came before its commit.`);
      }
      this.told.push(message);
    }
  }

  #apply({ version, mark, patches }: CommitMessage): void {
    if (!this.replica || version !== this.replica.version + 1) {
      throw new Error(`Commit ${version} came at ${this.replica?.version}.`);
    }
    const state = applyPatches(this.replica.state, patches);
    this.replica = { ...this.replica, version, mark, state };
  }
}
