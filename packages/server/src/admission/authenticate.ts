import { exceedsBytes, encodeValue, HoldfastError, kindOf, type Limits } from "@holdfast/protocol";
import { keyProblem } from "../module/key-strategy.ts";
import type { User } from "../module/user.ts";

/** Who a user is, and until when that holds. */
export interface ExpiringUser {
  readonly user: User | null;
  /** Then the socket closes with 4401, and the client comes back with a fresh `token()`. Milliseconds since 1970. */
  readonly expires: Date | number;
}

/**
 * Says who makes a request. The client's `token()` arrives as `Authorization: Bearer`. `null`: nobody
 * in particular. What it throws refuses the connection: `UNAUTHENTICATED`, or the HoldfastError itself.
 */
export type Authenticate<Env = unknown> = (
  request: Request,
  env: Env,
) => User | ExpiringUser | null | Promise<User | ExpiringUser | null>;

/** What `authenticate` came to. */
export interface Authenticated {
  readonly user: User | null;
  readonly expires: number | undefined;
}

export const NOBODY: Authenticated = { user: null, expires: undefined };

/** @throws HoldfastError `UNAUTHENTICATED`, `DEFINITION_INVALID`, `META_TOO_LARGE`, or what it threw */
export async function callAuthenticate(
  authenticate: Authenticate,
  request: Request,
  {
    env,
    limits,
    metaBytes,
    now,
  }: {
    readonly env: unknown;
    readonly limits: Limits;
    /** Room for the user. */
    readonly metaBytes: number;
    readonly now: number;
  },
): Promise<Authenticated> {
  let result: unknown;
  try {
    result = await authenticate(request, env);
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    console.warn("Holdfast: authenticate() refused a connection.", error);
    throw unauthenticated("The token is missing, wrong or too old. Log in again.");
  }
  const { user, expires } = isExpiring(result) ? result : { user: result, expires: undefined };
  const time = expires === undefined ? undefined : Number(expires);
  if (time !== undefined && !Number.isFinite(time)) {
    throw invalid("`expires` is a Date or a number of milliseconds since 1970");
  }
  if (time !== undefined && time <= now)
    throw unauthenticated("The token is too old. Log in again.");
  return { user: checkedUser(user, limits, metaBytes), expires: time };
}

function checkedUser(user: unknown, limits: Limits, metaBytes: number): User | null {
  if (user === null || user === undefined) return null;
  // True as far as it goes: every field is looked at before it is used.
  const { id } = user as { readonly id?: unknown };
  if (typeof id !== "string" || id === "")
    throw invalid("a user has an `id`, a text that is not empty");
  if (keyProblem(id, limits)) throw invalid(`the user's id: ${keyProblem(id, limits)}`);
  if (kindOf(user) !== "object") throw invalid("a user is a plain object");
  if (exceedsBytes(encodeValue(user), metaBytes)) {
    throw new HoldfastError(
      "META_TOO_LARGE",
      `What authenticate() returned is larger than ${metaBytes} bytes. Return what actions need of a user, and look up the rest.`,
    );
  }
  // It is a plain object with an id.
  return user as User;
}

function isExpiring(result: unknown): result is ExpiringUser {
  return (
    typeof result === "object" &&
    result !== null &&
    "expires" in result &&
    "user" in result &&
    !("id" in result)
  );
}

function unauthenticated(message: string): HoldfastError {
  return new HoldfastError("UNAUTHENTICATED", message);
}

function invalid(problem: string): HoldfastError {
  console.error(`Holdfast: authenticate() returned no user: ${problem.replace(/\.$/, "")}.`);
  return new HoldfastError(
    "DEFINITION_INVALID",
    "The server's authenticate() is wrong; its log says how.",
  );
}
