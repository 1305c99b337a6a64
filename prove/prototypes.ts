/** What an attack on prototypes would change: every own property of each, in order. */
export function prototypesFingerprint(): string {
  const prototypes = [Object, Array, Map, Set, Date, String, Number, Function, Promise, RegExp];
  return prototypes
    .map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join(","))
    .join(";");
}
