import type { Limits } from "@holdfast/protocol";

/**
 * The time that an action is told. A client that has predicted it says which time it told the
 * prediction: taken over, what is shown at once is what comes to be, to the millisecond. But only
 * where it is near the server's own: a client's clock may be wrong, or lie, and what was made offline
 * may come days later.
 *
 * @param said by the client; `undefined`: it has predicted nothing
 * @param now by the server's clock
 */
export function actionTime(
  said: number | undefined,
  now: number,
  { clockSkewMs }: Pick<Limits, "clockSkewMs">,
): number {
  return said !== undefined && Math.abs(now - said) <= clockSkewMs ? said : now;
}
