import { EXPLAIN } from "#explain";

/**
 * Why `kindOf` knows no kind for a value, and what to do: the end of a sentence after its path. An
 * expression as a whole, because that is what every bundler can leave out.
 */
export const describeUnsupported: (value: unknown) => string | false = EXPLAIN
  ? (value) => {
      if (typeof value === "function")
        return "is a function, which no copy can keep. Store data instead.";
      if (typeof value === "symbol") return "is a symbol, which no copy can keep. Use a string.";
      if (value instanceof Promise) return "is a promise. Await it, and store what it resolves to.";
      // True because only objects are left; anything may stand at `constructor`.
      const constructor = (value as { constructor?: unknown }).constructor;
      const name =
        typeof constructor === "function" && constructor.name ? constructor.name : "a class";
      if (value instanceof Uint8Array) {
        return `is a ${name}, which would not come back as one. Use new Uint8Array(value).`;
      }
      return (
        `is an instance of ${name}, which would not come back as one. ` +
        "Use plain objects, arrays, Map, Set, Date, URL, RegExp or typed arrays."
      );
    }
  : () => false;
