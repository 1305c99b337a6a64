import { HoldfastError, type Limits } from "@holdfast/protocol";
import { keyProblem } from "../../module/key-strategy.ts";

/** @throws HoldfastError `KEY_INVALID` */
export function checkRoom(room: string, limits: Limits): void {
  const problem =
    typeof room === "string" && room !== ""
      ? keyProblem(room, limits)
      : "The name of a room is a text with something in it.";
  if (problem !== undefined) throw new HoldfastError("KEY_INVALID", problem);
}

/** @throws HoldfastError `DEFINITION_INVALID` */
export function refuseUser(): never {
  throw new HoldfastError(
    "DEFINITION_INVALID",
    "toUser() needs `authenticate`, of createWorker() or serve(): without it, whoever asks may call himself by any userId. Use a room.",
  );
}
