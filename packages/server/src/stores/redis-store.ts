import type { StateStore } from "../module/state-store.ts";
import { decodeState, encodeState } from "./encode-state.ts";
import { type KeyOptions, resolver } from "./store-key.ts";

/** What `redisStore` asks of a client; that of the package `redis`, connected, has it. */
export interface RedisClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

/** Options of `redisStore`. */
export interface RedisStoreOptions<State extends object> extends KeyOptions<State> {
  /** Connected; it reconnects by itself, and is yours to close. */
  readonly client: RedisClient;
  /** What all keys begin with. Default: `"holdfast:"`. */
  readonly prefix?: string;
}

/**
 * Keeps states in Redis: one text for each key. They are as durable as that Redis is configured to be.
 *
 * @example
 * const client = await createClient({ url: "redis://localhost" }).connect();
 * app.defineState({ draft: "" }).persist(redisStore({ client }))
 */
export function redisStore<State extends object = object>({
  client,
  prefix = "holdfast:",
  ...options
}: RedisStoreOptions<State>): StateStore<State> {
  return {
    resolveKey: resolver(options),
    load: async (key) => {
      const text = await client.get(prefix + key);
      return text === null ? undefined : decodeState(text);
    },
    save: (key, state) => client.set(prefix + key, encodeState(state)),
    delete: (key) => client.del(prefix + key),
  };
}
