import type { MemberPort } from "../connection/room-port.ts";
import { HeldRoom } from "../connection/room/held-room.ts";
import type { Limits } from "@holdfast/protocol";
import type { Ground, Resident } from "./resident.ts";

/** A room at its home. Nobody connects to one: what it has for its members, it gives to their homes. */
export class RoomResident extends HeldRoom implements Resident {
  constructor(
    { sql, platform }: Ground,
    parts: { readonly name: string; readonly members: MemberPort; readonly limits: Limits },
  ) {
    const nextEvent = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    super({ ...parts, sql, platform: { ...platform, nextEvent } });
  }

  connect(): void {}
  receive(): void {}
  disconnect(): void {}
  async ring(): Promise<void> {}
}
