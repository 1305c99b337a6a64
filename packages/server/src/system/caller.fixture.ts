import { settled, type TestConnection, type TestInstance } from "../host/host.fixture.ts";
import { action as message } from "../host/test-module.fixture.ts";

/** A page of its own at an instance, whose actions are answered one by one. */
export class Caller {
  readonly page: TestConnection;
  readonly #instance: TestInstance;
  readonly #client: string;
  #seq = 0;

  constructor(instance: TestInstance, client = "c1") {
    this.#instance = instance;
    this.#client = client;
    this.page = instance.join("alice", client);
    this.page.take();
  }

  call(name: string, payload?: unknown): unknown {
    this.#send(name, payload);
    return this.#answer();
  }

  async callLater(name: string, payload?: unknown): Promise<unknown> {
    this.#send(name, payload);
    await settled();
    return this.#answer();
  }

  #send(name: string, payload: unknown): void {
    const seq = ++this.#seq;
    // A test's payloads are values.
    const said = message(seq, name, payload as never);
    this.#instance.say(this.page, { ...said, client: this.#client, settled: seq - 1 });
  }

  #answer(): unknown {
    return this.page.take().findLast(({ type }) => type === "ack" || type === "reject");
  }
}
