import {
  type ActionMessage,
  applyPatches,
  type ClientMessage,
  type CommitMessage,
  decodeClientFrame,
  DEFAULT_LIMITS,
  derivedId,
  HoldfastError,
  type Patch,
  type ServerMessage,
  type Value,
} from "@holdfast/protocol";
import { derivePatches } from "../store/derive-patches.ts";
import type { PredictionContext } from "../store/prediction.ts";
import { runRecipe } from "../store/recipe.ts";
import type { MockSocket } from "./mock-socket.ts";

/** What an action's stand-in is given beside draft and payload. */
export interface MockContext extends PredictionContext {
  /** To every page, behind what the action changes. */
  readonly emit: (event: string, data?: unknown) => void;
  /** Edits the state behind an `await`, where the draft is of no use any more. */
  readonly update: (recipe: (draft: never) => unknown) => void;
}

/** What stands in for an action; inside nothing is known of its types. */
export type AnyMockAction = (draft: never, payload: never, context: MockContext) => unknown;

export interface MockInstanceOptions {
  readonly state: Value;
  readonly actions: Readonly<Record<string, AnyMockAction | undefined>>;
  readonly now: () => number;
  /** An action is run. */
  readonly onCall: (action: string, payload: unknown) => void;
}

interface Client {
  settled: number;
  last: number;
  readonly answers: Map<number, ServerMessage>;
}

type Sequence = Pick<ActionMessage, "client" | "seq" | "settled">;

/**
 * One instance, on a server of a few lines in the page's own memory: one history, every sequence once
 * and in order, answers behind their commits. Behind it is the client as it is.
 */
export class MockInstance {
  readonly #options: MockInstanceOptions;
  readonly #sockets = new Set<MockSocket>();
  readonly #present = new Set<MockSocket>();
  readonly #clients = new Map<string, Client>();
  #state: Value;
  #version = 0;
  #others: readonly Value[] = [];

  constructor(options: MockInstanceOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  get state(): Value {
    return this.#state;
  }

  /** Takes a frame of a page, and answers. */
  receive(socket: MockSocket, text: string): void {
    for (const message of decodeClientFrame(text, DEFAULT_LIMITS)) this.#take(socket, message);
  }

  leave(socket: MockSocket): void {
    this.#sockets.delete(socket);
    this.#present.delete(socket);
  }

  update(recipe: (draft: never) => unknown): void {
    const [commit] = this.#edit(recipe);
    if (commit) this.#tell(commit);
  }

  emit(event: string, data: unknown): void {
    this.#tell(eventMessage(event, data));
  }

  /** Shows these of others, in place of those before. */
  setOthers(others: readonly Value[]): void {
    this.#others = others;
    for (const socket of this.#present) this.#tellOthers(socket);
  }

  #take(socket: MockSocket, message: ClientMessage): void {
    switch (message.type) {
      case "hello":
        this.#sockets.add(socket);
        for (const { id, settled } of message.clients) this.#client(id, settled);
        socket.deliver(this.#snapshot());
        return;
      case "action":
        this.#act(socket, message, () => this.#run(message));
        return;
      case "patch":
        this.#act(socket, message, () => ({ patches: message.patches, result: undefined }));
        return;
      case "presence":
        this.#present.add(socket);
        this.#tellOthers(socket);
        return;
      case "absent":
        this.#present.delete(socket);
        return;
      case "seen":
    }
  }

  /** What an action's stand-in does: what it changes and returns, and the events behind that. */
  #run({ client, seq, name, payload, now = this.#options.now() }: ActionMessage): Outcome {
    const action = this.#options.actions[name];
    this.#options.onCall(name, payload);
    if (!action) return { patches: [], result: undefined };
    const events: ServerMessage[] = [];
    let ordinal = 0;
    let isBegun = true;
    const context: MockContext = {
      now,
      randomId: () => derivedId(client, seq, ordinal++),
      emit: (event, data) => {
        if (isBegun) events.push(eventMessage(event, data));
        else this.emit(event, data);
      },
      update: (recipe) => this.update(recipe),
    };
    let result: unknown;
    const next = runRecipe(this.#state, (draft) => {
      // True because whoever hands actions in has checked them against the contract.
      result = action(draft as never, payload as never, context);
    });
    isBegun = false;
    return { patches: derivePatches(this.#state, next, DEFAULT_LIMITS), result, events };
  }

  #act(socket: MockSocket, { client: id, seq, settled }: Sequence, run: () => Outcome): void {
    const client = this.#client(id, settled);
    client.settled = Math.max(client.settled, settled);
    if (seq <= client.settled) return;
    const stored = client.answers.get(seq);
    if (stored) return socket.deliver(stored);
    if (seq <= client.last) return socket.deliver({ type: "received", client: id, seq });
    if (seq !== client.last + 1) {
      return socket.deliver({ type: "gap", client: id, seq: client.last + 1 });
    }
    client.last = seq;
    const answer = (message: ServerMessage, ...before: readonly ServerMessage[]): void => {
      client.answers.set(seq, message);
      // In one frame: what was predicted and what has come of it are never seen together. An answer
      // to somebody else's outbox is passed over.
      this.#tell(...before, message);
    };
    const refuse = (error: unknown): void =>
      answer({ type: "reject", client: id, seq, error: wireError(error) });
    try {
      const { patches, result, events = [] } = run();
      const commit = patches.length > 0 ? [this.#commit(patches)] : [];
      if (!(result instanceof Promise)) {
        return answer(this.#ack(id, seq, result), ...commit, ...events);
      }
      const isPublished = commit.length > 0;
      this.#tell(...commit, ...events, {
        type: isPublished ? "published" : "received",
        client: id,
        seq,
      });
      result.then((late: unknown) => answer(this.#ack(id, seq, late)), refuse);
    } catch (error) {
      refuse(error);
    }
  }

  #ack(client: string, seq: number, result: unknown): ServerMessage {
    // What the stand-in returns is what the action would: a value.
    const given = result === undefined ? {} : { result: result as Value };
    return { type: "ack", client, seq, version: this.#version, ...given };
  }

  #edit(recipe: (draft: never) => unknown): CommitMessage[] {
    // True because whoever calls has checked the recipe against the contract.
    const next = runRecipe(this.#state, (draft) => void recipe(draft as never));
    const patches = derivePatches(this.#state, next, DEFAULT_LIMITS);
    return patches.length > 0 ? [this.#commit(patches)] : [];
  }

  #commit(patches: readonly Patch[]): CommitMessage {
    this.#version++;
    this.#state = applyPatches(this.#state, patches);
    return { type: "commit", version: this.#version, mark: this.#mark, patches };
  }

  #snapshot(): ServerMessage {
    return {
      type: "snapshot",
      epoch: "mock",
      version: this.#version,
      mark: this.#mark,
      schema: "mock",
      state: this.#state,
    };
  }

  get #mark(): string {
    return this.#version === 0 ? "" : `mock-${this.#version}`;
  }

  #tell(...messages: readonly ServerMessage[]): void {
    if (messages.length === 0) return;
    for (const socket of this.#sockets) socket.deliver(...messages);
  }

  #tellOthers(socket: MockSocket): void {
    const others = this.#others.map((value, at) => ({ id: `other-${at}`, value }));
    socket.deliver({ type: "present", you: "you", others });
  }

  #client(id: string, settled: number): Client {
    let client = this.#clients.get(id);
    if (!client) this.#clients.set(id, (client = { settled, last: settled, answers: new Map() }));
    return client;
  }
}

interface Outcome {
  readonly patches: readonly Patch[];
  readonly result: unknown;
  readonly events?: readonly ServerMessage[];
}

function eventMessage(event: string, data: unknown): ServerMessage {
  // What is emitted is a value.
  return { type: "event", event, ...(data === undefined ? {} : { data: data as Value }) };
}

function wireError(error: unknown): { code: HoldfastError["code"]; message: string } {
  if (error instanceof HoldfastError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "ACTION_FAILED", message };
}
