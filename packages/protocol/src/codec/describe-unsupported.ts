/** Why `kindOf` knows no kind for a value, and what to do: the end of a sentence after its path. */
export function describeUnsupported(value: unknown): string {
  if (typeof value === "function")
    return "is a function, which no copy can keep. Store data instead.";
  if (typeof value === "symbol") return "is a symbol, which no copy can keep. Use a string.";
  const name = constructorName(value);
  if (value instanceof Uint8Array) {
    return `is a ${name}, which would not come back as one. Use new Uint8Array(value).`;
  }
  if (value instanceof Promise) return "is a promise. Await it, and store what it resolves to.";
  return (
    `is an instance of ${name}, which would not come back as one. ` +
    "Use plain objects, arrays, Map, Set, Date, URL, RegExp or typed arrays."
  );
}

function constructorName(value: unknown): string {
  // True because only objects come here; anything may stand at `constructor`.
  const constructor = (value as { constructor?: unknown }).constructor;
  return typeof constructor === "function" && constructor.name ? constructor.name : "a class";
}
