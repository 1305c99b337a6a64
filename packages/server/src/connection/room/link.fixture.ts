import type { HoldfastError } from "@holdfast/protocol";
import type { RoomDelivery } from "../room-port.ts";
import type { TestRoom } from "./room.fixture.ts";
import { type RoomAnswer, RoomLink } from "./room-link.ts";
import type { Repeat } from "./senders.ts";

/** What becomes of one call: it arrives or not, and its answer does or not. */
export type Fate = "arrives" | "answer lost" | "lost" | "refused";

/** A link to one room, whose calls meet a fate. */
export function linkTo(room: TestRoom): { link: RoomLink; fates: Fate[] } {
  const fates: Fate[] = [];
  const call = async (work: () => void, from = ""): Promise<RoomAnswer> => {
    const fate = fates.shift() ?? "arrives";
    if (fate === "refused") throw Object.assign(new Error("overloaded"), { overloaded: true });
    if (fate === "lost") throw new Error("the network is down");
    let error: HoldfastError | undefined;
    try {
      work();
    } catch (thrown) {
      // A room throws nothing else.
      error = thrown as HoldfastError;
    }
    if (fate === "answer lost") throw new Error("the network is down");
    const { incarnation } = room.room;
    return { incarnation, error, reached: room.room.reached(from) };
  };
  const link = new RoomLink({
    join: (_, who) => call(() => room.room.join(who)),
    leave: (_, who) => call(() => room.room.leave(who)),
    deliver: (_, deliveries: readonly RoomDelivery[], repeat: Repeat | undefined) =>
      call(() => room.room.deliver(deliveries, repeat), deliveries[0]?.from),
  });
  return { link, fates };
}
