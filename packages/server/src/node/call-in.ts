import type { ModuleContract } from "@holdfast/protocol";
import type { AppParts } from "../app/assemble-app.ts";
import type { Connections } from "../connection/define-connection.ts";
import type { EventsOf, ServerEmitter } from "../connection/server-emitter.ts";
import {
  type CallableObjects,
  type InstanceHandle,
  instanceHandle,
} from "../host/instance-handle.ts";
import { serverEmitter } from "../host/rooms/server-emit.ts";
import type { ContractOf, ModuleEntries } from "../module/definition.ts";
import type { Places } from "./move-port.ts";
import type { Residents } from "./residents.ts";

/** How code of the server calls in, to an app that lives in its own process. */
export interface CallIn<Modules extends ModuleEntries, Own extends Connections> {
  readonly instance: InstanceOf<Modules>;
  readonly emit: EmitOf<Own>;
}

/** How an instance is named: by module, and key where it has one; in an action behind its `env`. */
export interface InstanceOf<Modules extends ModuleEntries> {
  <Name extends keyof Modules & string>(
    name: Name,
    ...key: KeyOf<Modules[Name]>
  ): InstanceHandle<ContractOf<Modules[Name]>>;
  <Name extends keyof Modules & string>(
    env: object,
    name: Name,
    ...key: KeyOf<Modules[Name]>
  ): InstanceHandle<ContractOf<Modules[Name]>>;
}

type KeyOf<Entry> = ContractOf<Entry>["keys"] extends "named" ? [key: string] : [key?: string];

type EmitOf<Own extends Connections> = <Name extends keyof Own & string>(
  name: Name,
) => ServerEmitter<EventsOf<Own[Name]>>;

/** @param places where the app's instances are found */
export function callIn<Modules extends ModuleEntries, Own extends Connections>(
  { modules, connections, authenticate, limits }: AppParts,
  places: Places,
  residents: Residents,
): CallIn<Modules, Own> {
  const objects = (): CallableObjects => ({
    getByName: (name) => ({
      holdfastCall: (call) => places.at(name).use((instance) => instance.call(call)),
    }),
  });
  const instance = (...named: readonly unknown[]): InstanceHandle<ModuleContract> => {
    // The overloads allow nothing else.
    const [env, module, key] = (typeof named[0] === "string" ? [undefined, ...named] : named) as [
      unknown,
      string,
      string | undefined,
    ];
    return instanceHandle({ modules, objects, limits, env, module, key });
  };
  const emit = (name: string): ReturnType<typeof serverEmitter> =>
    serverEmitter(name, {
      connections,
      limits,
      knowsUsers: authenticate !== undefined,
      deliver: (room, deliveries) => residents.deliver(room, deliveries),
      tell: (connection, to, deliveries) =>
        residents.tell({ connection, instance: to }, undefined, deliveries),
    });
  // The definitions' own contracts are what their authors declared.
  return { instance: instance as InstanceOf<Modules>, emit: emit as EmitOf<Own> };
}
