/** What JavaScript makes of a number argument: cut to an integer, not a number is 0. */
export function toInteger(value: unknown): number {
  const integer = Math.trunc(Number(value));
  return Number.isNaN(integer) ? 0 : integer;
}

/** An index argument within `0 … length`; a negative one counts from the end. */
export function clampIndex(value: unknown, length: number): number {
  const index = toInteger(value);
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length);
}
