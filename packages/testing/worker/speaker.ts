import { action, field, stream, System } from "@holdfast/server";

/** A system whose stream grows by what a test says. */
export class Speaker extends System {
  @field reply = stream();
  /** Plain memory: gone when the instance leaves it. */
  #hear: (text: string) => void = () => {};

  /** Appends what is said, until that is "end" or "fail". Gives the length of all of it. */
  @action() async speak(): Promise<number> {
    const { reply } = this;
    reply.reset();
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- One word after the other.
      const text = await new Promise<string>((resolve) => (this.#hear = resolve));
      if (text === "end") break;
      if (text === "fail") {
        reply.fail("given up");
        break;
      }
      reply.append(text);
    }
    return reply.text.length;
  }

  @action() say(text: string): void {
    this.#hear(text);
  }
}
