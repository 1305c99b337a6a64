import { HoldfastError, type ValueObject } from "@holdfast/protocol";
import type { EventTarget } from "../module/connection-engine.ts";
import type { DirectStorage } from "../module/direct-storage.ts";
import type { EngineContext } from "../module/instance-memory.ts";
import type { ConnectionContext, ConnectionEmitter, Emitter } from "./connection-context.ts";
import { ShallowState } from "./shallow-state.ts";

type AnyContext = ConnectionContext<unknown, unknown, object, Record<string, unknown>>;

/** An action's context, as the handlers of a connection's events know it. */
export class EventContext implements AnyContext {
  readonly state: object;
  readonly session: AnyContext["session"];
  readonly user: AnyContext["user"];
  readonly env: unknown;
  readonly now: number;
  readonly randomId: () => string;
  readonly #context: EngineContext;
  readonly #shallow: ShallowState | undefined;

  constructor(context: EngineContext, shallow: boolean) {
    this.#context = context;
    this.#shallow = shallow ? new ShallowState(context.state, context.connectionEngine) : undefined;
    this.state = this.#shallow?.state ?? context.state;
    this.session = context.session;
    this.user = context.user;
    this.env = context.env;
    this.now = context.now;
    this.randomId = context.randomId;
  }

  get actionId(): string {
    return this.#context.actionId;
  }

  get sql(): AnyContext["sql"] {
    return this.#context.sql;
  }

  get storage(): DirectStorage {
    return this.#context.storage;
  }

  get schedule(): AnyContext["schedule"] {
    return this.#context.schedule;
  }

  get unschedule(): AnyContext["unschedule"] {
    return this.#context.unschedule;
  }

  get stream(): AnyContext["stream"] {
    return this.#context.stream;
  }

  get connection(): { readonly id: string } {
    return { id: this.#sender("ctx.connection").id };
  }

  get meta(): object {
    return this.#sender("ctx.meta").meta;
  }

  get setMeta(): AnyContext["setMeta"] {
    // The engine finds out what is no value.
    return (patch) => this.#sender("ctx.setMeta").setMeta(patch as ValueObject);
  }

  get commit(): AnyContext["commit"] {
    return async () => {
      this.#shallow?.settle();
      await this.#context.commit();
    };
  }

  get emit(): ConnectionEmitter<Record<string, unknown>> {
    return {
      ...this.#emitter({ type: "own" }, []),
      toRoom: (room) => this.#emitter({ type: "room", room }, []),
      toUser: (user) => this.#emitter({ type: "user", user }, []),
    };
  }

  get rooms(): AnyContext["rooms"] {
    const engine = this.#context.connectionEngine;
    return { join: (room) => engine.join(room), leave: (room) => engine.leave(room) };
  }

  get actor(): { getStorage(): DirectStorage } {
    return { getStorage: () => this.storage };
  }

  /** The handler has returned, or thrown. */
  end(): void {
    this.#shallow?.settle();
  }

  #emitter(target: EventTarget, except: readonly string[]): Emitter<Record<string, unknown>> {
    return {
      emit: (event, data?: unknown) =>
        this.#context.connectionEngine.emit(target, { event, data, except }),
      except: (...who) => this.#emitter(target, [...except, ...who]),
    };
  }

  #sender(what: string): NonNullable<EngineContext["connectionEngine"]["sender"]> {
    const { sender } = this.#context.connectionEngine;
    if (sender) return sender;
    throw new HoldfastError(
      "DEFINITION_INVALID",
      `${what} is of the connection that sent an event, and this one was run by the server itself. Put what it needs into its data.`,
    );
  }
}
