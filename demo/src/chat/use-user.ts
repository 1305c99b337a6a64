import { useConnection } from "../holdfast.ts";
import { userPredictions } from "./user-predictions.ts";

/** The connection of whoever uses this browser; all of its tabs are one user. */
export function useUser(): ReturnType<typeof useConnection<"user">> {
  return useConnection("user", { persisted: true, optimistic: userPredictions });
}
