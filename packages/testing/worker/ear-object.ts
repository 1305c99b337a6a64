import { DurableObject } from "cloudflare:workers";

/** A member of rooms that writes down what it hears, and answers as it is told. */
export class EarObject extends DurableObject {
  async holdfastEvents(
    _room: string,
    deliveries: readonly { readonly text: string }[],
  ): Promise<"taken" | "gone"> {
    const { kv } = this.ctx.storage;
    const answer = kv.get<"taken" | "gone">("answer") ?? "taken";
    if (answer === "taken")
      kv.put("heard", [...this.#heard, ...deliveries.map(({ text }) => text)]);
    return answer;
  }

  async answerWith(answer: "taken" | "gone"): Promise<void> {
    this.ctx.storage.kv.put("answer", answer);
  }

  async heard(): Promise<string[]> {
    return this.#heard;
  }

  get #heard(): string[] {
    return this.ctx.storage.kv.get<string[]>("heard") ?? [];
  }
}
