import { slowReader } from "./slow-reader.ts";
console.log(
  JSON.stringify(
    await slowReader({ n: 48, seed: 1, short: true, progress: console.log }, [
      {
        file: "packages/server/src/host/flow.ts",
        find: "return this.#unseen + text.length <= this.#parts.limits.unseenBytes;",
        replace: "return text.length >= 0;",
      },
    ]),
    null,
    1,
  ),
);
