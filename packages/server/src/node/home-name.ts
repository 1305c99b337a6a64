/**
 * Names of homes, and so of files. That of a module's instance is `instanceName`, which escapes colons:
 * no two kinds ever meet.
 */
export function connectionHome(binding: string, instance: string): string {
  // A binding is the name of a class: it holds no colon.
  return `${CONNECTION}${binding}:${instance}`;
}

/** The inverse of `connectionHome`; `undefined` for the homes of others. */
export function parseConnectionHome(
  name: string,
): { readonly binding: string; readonly instance: string } | undefined {
  if (!name.startsWith(CONNECTION)) return undefined;
  const colon = name.indexOf(":", CONNECTION.length);
  return { binding: name.slice(CONNECTION.length, colon), instance: name.slice(colon + 1) };
}

export function roomHome(room: string): string {
  return `${ROOM}${room}`;
}

/** The inverse of `roomHome`. */
export function parseRoomHome(name: string): string {
  return name.slice(ROOM.length);
}

const CONNECTION = "connection:";
const ROOM = "room:";
