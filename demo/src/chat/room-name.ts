export const LONGEST_ROOM_NAME = 24;

/** The rooms that everybody finds. */
export const FIRST_ROOMS: readonly string[] = ["harbour", "reef", "deep-water"];

/** What somebody typed, as the name of a room: "Deep Water!" is deep-water. May come out empty. */
export function roomNameOf(typed: string): string {
  const words = typed.toLowerCase().replaceAll(/[^\p{Letter}\p{Number}]+/gu, "-");
  const trimmed = words.replace(/^-/, "");
  // By characters, not by halves of them.
  return Array.from(trimmed).slice(0, LONGEST_ROOM_NAME).join("").replace(/-$/, "");
}

/** Whether a key names a room: only names that `roomNameOf` makes do. */
export function isRoomName(key: string): boolean {
  return key !== "" && roomNameOf(key) === key;
}
