import { type Answer, HoldfastError } from "@holdfast/protocol";
import type { DurableObject } from "cloudflare:workers";
import type { RoomDelivery } from "../connection/room-port.ts";
import type { InstanceReport } from "../host/admin.ts";
import type { AdminAnswer, AdminTask } from "../host/administration.ts";
import type { ConnectionIdentity } from "../host/connection.ts";
import type { SnapshotAnswer } from "../host/page-snapshot.ts";
import type { Adoption, AdoptOutcome, Move, MoveOutcome } from "../host/move/move.ts";
import type { RemoteCall } from "../host/instance-handle.ts";

/** What the Worker and other objects call on an object. */
export interface ModuleObjectInstance extends DurableObject {
  holdfastSecret(): Promise<string>;
  /** See `Host`. These are for server code that has the object; no client's request reaches them. */
  holdfastExport(): Promise<string>;
  holdfastImport(backup: string): Promise<void>;
  holdfastDestroy(): Promise<void>;
  holdfastInspect(): Promise<InstanceReport>;
  /** The same for an operator: what goes wrong is part of the answer. */
  holdfastAdminister(task: AdminTask): Promise<AdminAnswer>;
  /** Code of the server calls an action of this instance. */
  holdfastCall(call: RemoteCall): Promise<Answer>;
  /** The state, to render a page with. */
  holdfastSnapshot(identity: ConnectionIdentity): Promise<SnapshotAnswer>;
  /** See `MovePort`. */
  holdfastBegin(move: Move): Promise<MoveOutcome>;
  holdfastAdopt(adoption: Adoption): Promise<AdoptOutcome>;
  /** See `MemberPort`; without a room, another user's connection tells this user. */
  holdfastEvents(
    room: string | undefined,
    deliveries: readonly RoomDelivery[],
  ): Promise<"taken" | "gone">;
}

export type Objects = DurableObjectNamespace<ModuleObjectInstance & Rpc.DurableObjectBranded>;

/**
 * The namespace of `ModuleObject`: a binding of that name, or the class that the Worker exports.
 *
 * @param context a request's or an object's
 * @throws HoldfastError `DEFINITION_INVALID`
 */
export function objectsOf(env: unknown, context: object): Objects {
  // What is bound under that name is Holdfast's class.
  return namespaceOf(
    { name: "ModuleObject", source: "holdfast.ModuleObject" },
    env,
    context,
  ) as Objects;
}

/**
 * The namespace of a Durable Object class: a binding of its name, or what the Worker exports.
 *
 * @param source what the class is in the Worker's code
 * @throws HoldfastError `DEFINITION_INVALID`
 */
export function namespaceOf(
  { name, source }: { readonly name: string; readonly source: string },
  env: unknown,
  context: object,
): unknown {
  const bound = (env as Record<string, unknown> | undefined)?.[name];
  const exported = (context as { exports?: Record<string, unknown> }).exports?.[name];
  const namespace = bound ?? exported;
  if (namespace) return namespace;
  throw new HoldfastError(
    "DEFINITION_INVALID",
    `The Durable Object class is not to be found. Write \`export const ${name} = ${source}\` in the Worker, and register it in wrangler.jsonc: "exports": { "${name}": { "type": "durable-object", "storage": "sqlite" } }.`,
  );
}
