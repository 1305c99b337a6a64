import { HoldfastError } from "@holdfast/protocol";
import type { ConnectionIdentity } from "../host/connection.ts";
import type { Adoption, AdoptOutcome, Move, MoveOutcome, MovePort } from "../host/move/move.ts";
import { followSession, type Offered } from "../host/move/follow-session.ts";
import type { Whereabouts } from "../host/move/moves.ts";
import { instanceName } from "../module/instance-name.ts";
import { placeName } from "../module/place.ts";
import { encodeIdentity, IDENTITY_HEADER } from "./identity-header.ts";
import type { Objects } from "./objects.ts";

/**
 * Brings the upgrade to the object that owns the instance.
 *
 * @throws HoldfastError `BUSY`
 */
export async function reach(
  objects: Objects,
  to: {
    readonly module: string;
    readonly key: string;
    readonly identity: ConnectionIdentity;
    /** The subprotocol to agree to. */
    readonly protocol: string | undefined;
  },
): Promise<Response> {
  return followSession(to.key, async (key, generation): Promise<Offered<Response>> => {
    const identity = encodeIdentity({ ...to.identity, generation });
    const headers = new Headers({ Upgrade: "websocket", [IDENTITY_HEADER]: identity });
    if (to.protocol) headers.set("Sec-WebSocket-Protocol", to.protocol);
    const object = objects.getByName(instanceName(to.module, key));
    const response = await object.fetch("https://holdfast/connect", { headers });
    return response.status === 101 ? { type: "taken", taken: response } : whereabouts(response);
  });
}

/** An object's answer to an upgrade that it does not take. */
export function notHere(where: Whereabouts | HoldfastError): Response {
  if (!(where instanceof HoldfastError)) return Response.json(where);
  return Response.json({ code: where.code, message: where.message }, { status: 503 });
}

async function whereabouts(response: Response): Promise<Offered<Response>> {
  const body: unknown = await response.json();
  // Only `notHere` answers, and never that it is here.
  if (response.ok) return body as Offered<Response>;
  const { code, message } = body as HoldfastError;
  throw new HoldfastError(code, message);
}

/** Calls between the objects of one module. */
export function movePort(objects: () => Objects, module: string): MovePort {
  const named = (key: string): ReturnType<Objects["getByName"]> =>
    objects().getByName(instanceName(module, key));
  return {
    // What comes back is plain data: the platform's own type of it says less.
    begin: (move: Move) =>
      named(placeName({ type: "session", session: move.session })).holdfastBegin(
        move,
      ) as Promise<MoveOutcome>,
    adopt: (adoption: Adoption) =>
      named(
        placeName(
          adoption.to === null
            ? { type: "session", session: adoption.session }
            : { type: "key", key: adoption.to },
        ),
      ).holdfastAdopt(adoption) as Promise<AdoptOutcome>,
  };
}
