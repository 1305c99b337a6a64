import { action, field, stream, System } from "@holdfast/server";

/** Stands for a model: anything that gives text bit by bit. */
declare function generate(prompt: string, options: { signal: AbortSignal }): AsyncIterable<string>;

export class Assistant extends System {
  @field prompt = "";
  @field reply = stream();

  @action() async ask(prompt: string): Promise<void> {
    this.prompt = prompt;
    await this.context.commit(); // everybody sees what was asked
    const { reply } = this;
    reply.reset();
    for await (const part of generate(prompt, { signal: reply.signal })) reply.append(part);
  }

  @action() stop(): void {
    this.reply.fail("stopped");
  }
}
