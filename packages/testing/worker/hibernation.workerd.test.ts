import {
  canonicalEncode,
  decodeServerFrame,
  encodeMessage,
  joinFrame,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "@holdfast/protocol";
import { sessionIdentity } from "@holdfast/server/internal/host/connection";
import {
  encodeIdentity,
  IDENTITY_HEADER,
} from "@holdfast/server/internal/cloudflare/identity-header";
import {
  type Act,
  drawHibernationScript,
  HIBERNATION_CLIENTS,
  type HibernationStep,
} from "@holdfast/testing/conformance/hibernation-script";
import { evictDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, inject, test } from "vitest";

const { scripts, seed } = inject("hibernation");
const PER_TEST = 10;
const PATIENCE_MS = 120_000;
/** Much longer than any answer takes. */
const ANSWER_WITHIN_MS = 20_000;

const FIRST: Act = { name: "edit", order: { id: "first", seed: 0, edits: ["note"] } };

const firsts = Array.from(
  { length: Math.ceil(scripts / PER_TEST) },
  (_, at) => seed + at * PER_TEST,
);

test.each(firsts)(
  "[G10] hibernation after every step leaves every frame as it is without (scripts from seed %i on)",
  { timeout: PATIENCE_MS },
  async (first) => {
    for (let one = first; one < Math.min(first + PER_TEST, seed + scripts); one++) {
      const script = drawHibernationScript(one);
      const awake = await transcript(script, false);
      expect(awake.flat().length, `seed ${one} says nothing`).toBeGreaterThan(10);
      expect(await transcript(script, true), `seed ${one}`).toEqual(awake);
    }
  },
);

test("[G10] a transcript tells a state that hibernation has not brought back", async () => {
  // One whose first step shows in what follows; that of another seed may change nothing.
  const script = drawHibernationScript(1);
  const awake = await transcript(script, false);
  expect(await transcript(script.slice(1), true)).not.toEqual(awake);
});

/** What each client hears, frame by frame. */
async function transcript(
  script: readonly HibernationStep[],
  hibernates: boolean,
): Promise<string[][]> {
  const stub = exports.BoardObject.getByName(`board/${crypto.randomUUID()}`);
  const clients = Array.from({ length: HIBERNATION_CLIENTS }, (_, index) => new Client(index));
  const step = async (work: () => Promise<void>): Promise<void> => {
    await work();
    const version = Math.max(...clients.map((client) => client.told));
    await Promise.all(clients.map((client) => client.reach(version)));
    if (hibernates) await hibernate(stub);
  };
  for (const client of clients) await client.connect(stub);
  // Before its first commit an instance stores nothing, not even by what name its history goes.
  await step(() => (clients[0] as Client).act([FIRST]));
  for (const one of script) {
    // Scripts name no others.
    const client = clients[one.client] as Client;
    await step(() => {
      if (one.type === "act") return client.act(one.actions);
      return one.type === "again" ? client.again() : client.connect(stub);
    });
  }
  for (const client of clients) client.close();
  return clients.map(({ heard }) => heard);
}

async function hibernate(stub: Parameters<typeof evictDurableObject>[0]): Promise<void> {
  try {
    await evictDurableObject(stub, { webSockets: "hibernate" });
  } catch (error) {
    // A step that said nothing has woken nobody.
    if (!String(error).includes("not currently running")) throw error;
  }
}

/** A client that waits for the answers to all that it has sent. */
class Client {
  readonly heard: string[] = [];
  /** The highest version that an answer named. */
  told = 0;
  readonly #index: number;
  readonly #id: string;
  #socket: WebSocket | undefined;
  #seq = 0;
  #lastFrame = "";
  #lastSequences: readonly number[] = [];
  #confirmed: { epoch: string; version: number; mark: string; schema: string } | undefined;
  readonly #open = new Set<number>();
  #isGreeted = false;
  /** Marks and epochs are drawn: they are told apart by the order of their coming. */
  readonly #names = new Map<string, string>();
  #wake: () => void = () => undefined;

  constructor(index: number) {
    this.#index = index;
    this.#id = `client-${index}`.padEnd(22, "-");
  }

  async connect(stub: { fetch(request: Request): Promise<Response> }): Promise<void> {
    this.close();
    const principal = `principal-${this.#index}`;
    const identity = encodeIdentity({ ...sessionIdentity(principal), principal });
    const response = await stub.fetch(
      new Request("https://board.example", {
        headers: { Upgrade: "websocket", [IDENTITY_HEADER]: identity },
      }),
    );
    const socket = response.webSocket;
    if (!socket) throw new Error(`no socket: ${response.status}`);
    this.#socket = socket;
    this.#isGreeted = false;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#hear(String(data));
    });
    socket.accept();
    const clients = [{ id: this.#id, settled: 0 }];
    const hello = { type: "hello", protocol: PROTOCOL_VERSION, clients } as const;
    socket.send(encodeMessage({ ...hello, ...this.#confirmed }));
    await this.#until(() => this.#isGreeted, "hello");
  }

  async act(actions: readonly Act[]): Promise<void> {
    const texts = actions.map(({ name, order }) => {
      const seq = ++this.#seq;
      // True because an order is plain data.
      const payload = order as never;
      return encodeMessage({ type: "action", client: this.#id, seq, settled: 0, name, payload });
    });
    this.#lastFrame = joinFrame(texts);
    this.#lastSequences = actions.map((_, index) => this.#seq - index);
    await this.again();
  }

  async again(): Promise<void> {
    if (this.#lastFrame === "") return;
    for (const seq of this.#lastSequences) this.#open.add(seq);
    this.#socket?.send(this.#lastFrame);
    await this.#until(() => this.#open.size === 0, `answers to ${[...this.#open].join()}`);
  }

  /** Waits until it has heard of all that others did. */
  async reach(version: number): Promise<void> {
    if (!this.#confirmed) return;
    await this.#until(() => (this.#confirmed?.version ?? 0) >= version, `version ${version}`);
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000, "done");
  }

  #hear(frame: string): void {
    const messages = decodeServerFrame(frame);
    for (const message of messages) this.#take(message);
    this.heard.push(messages.map((message) => this.#named(message)).join("\n"));
    this.#wake();
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot": {
        const { epoch, version, mark, schema } = message;
        this.#confirmed = { epoch, version, mark, schema };
        this.#isGreeted = true;
        return;
      }
      case "resume":
        for (const commit of message.commits) this.#take(commit);
        this.#isGreeted = true;
        return;
      case "commit": {
        const { version, mark } = message;
        if (this.#confirmed) this.#confirmed = { ...this.#confirmed, version, mark };
        return;
      }
      case "ack":
        this.told = Math.max(this.told, message.version);
        this.#open.delete(message.seq);
        return;
      case "reject":
        this.#open.delete(message.seq);
        return;
      default:
        return;
    }
  }

  #named(message: ServerMessage): string {
    // The order of an object's keys is no state.
    return canonicalEncode(message).replaceAll(
      /"(epoch|mark)":"([\w-]+)"/g,
      (_, kind: string, token: string) => {
        let name = this.#names.get(token);
        if (!name) this.#names.set(token, (name = `${kind} ${this.#names.size + 1}`));
        return `"${kind}":"${name}"`;
      },
    );
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const end = Date.now() + ANSWER_WITHIN_MS;
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 500);
      });
      if (Date.now() > end)
        throw new Error(
          `${this.#id} waits in vain for ${what}: ${this.heard.slice(-3).join("\n\n")}`,
        );
    }
  }
}
