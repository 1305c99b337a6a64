import type { RoomDelivery, RoomMember } from "../room-port.ts";

/** A delivery that waits for some listeners, and is shared by all of them. */
export interface Posted {
  readonly delivery: RoomDelivery;
  /** So many have yet to be called for it. */
  waits: number;
}

/** A member, as the memory of its room has it: what waits for it, and how the last calls went. */
export class Listener {
  readonly member: RoomMember;
  /** What it is to be told, in order. */
  waiting: Posted[] = [];
  /** It is being called, or waits for its turn: one call at a time, so that order holds. */
  isBusy = false;
  /** How often it has joined: a call that began before the last time does not know it. */
  joins = 1;
  /** Calls that failed in a row, and when the first of them did. */
  failures = 0;
  failingSince = 0;
  /** Events that waited for it were dropped since it last took some. */
  isOverrun = false;
  isGone = false;

  constructor(member: RoomMember) {
    this.member = member;
  }
}
