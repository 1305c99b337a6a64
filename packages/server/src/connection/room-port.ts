/**
 * One connection's instance (a user's Durable Object) as a room knows it. A page or socket is nothing
 * that a room knows: the instance joins with the first of its pages that joins, leaves with the last,
 * and passes on to those that are in the room.
 */
export interface RoomMember {
  /** The connection's `connectionBinding`: the class that the object belongs to. */
  readonly connection: string;
  /** The object's name: with `connection`, it is all that is needed to call it. */
  readonly instance: string;
  /** Whose it is, for `except`. Where there is no `authenticate`, several members may say the same. */
  readonly user: string;
}

/** One event on its way through a room. */
export interface RoomDelivery {
  /** Who sends it, in this run: the name of the sender's object and something random. */
  readonly from: string;
  /**
   * Grows with every delivery of `from` to this room; a resend has its own again. One may be missing.
   * 0: it is never sent again, so nobody has to remember it.
   */
  readonly number: number;
  /** The encoded `event` message, encoded once: it goes onto sockets as it is. */
  readonly text: string;
  /** User ids and connection ids. A member whose `user` is named is passed over; it looks for connection ids itself. */
  readonly except: readonly string[];
}

/** What a connection's instance needs of rooms. Each room is an object of its own, found by its name. */
export interface RoomPort {
  /** Durable before it resolves; idempotent. The instance knows of its membership before it calls. */
  join(room: string, member: RoomMember): Promise<void>;
  /** Durable before it resolves; idempotent. */
  leave(room: string, member: RoomMember): Promise<void>;
  /**
   * Resolves once the room has taken the deliveries over, which is before they have arrived. An
   * instance calls again for a room only when the call before is over, so the order of a sender is
   * that of its calls. It repeats a call that was rejected: a number that the room has seen of `from`
   * is dropped.
   */
  deliver(room: string, deliveries: readonly RoomDelivery[]): Promise<void>;
}

/**
 * What a room needs of its members; each is an object of the class that `member.connection` names.
 * A member drops numbers that it has seen of `from` in this room, so a call may be repeated.
 */
export interface MemberPort {
  /**
   * `"gone"`: nobody there is in the room any more, so the member is to be forgotten; unless it has
   * joined (again) while the call was under way: that `join` counts.
   */
  deliver(
    member: RoomMember,
    room: string,
    deliveries: readonly RoomDelivery[],
  ): Promise<"taken" | "gone">;
}
