import {
  action,
  durableObjectStore,
  field,
  global,
  HoldfastError,
  stream,
  System,
} from "@holdfast/server";
import { LONGEST_QUESTION } from "./questions.ts";
import { pilotWords } from "./pilot-words.ts";

/**
 * Somebody to ask. The answer is a stream: every window reads it as it comes, and whoever comes later
 * finds it whole. A new question, or a press on Stop in any window, ends the answer under way.
 */
export class Pilot extends System {
  static readonly persist = durableObjectStore(global());

  @field question = "";
  @field answer = stream();

  @action() async ask(question: string): Promise<void> {
    if (typeof question !== "string" || question.trim() === "") {
      throw new HoldfastError("REFUSED", "Ask something.");
    }
    this.question = question.slice(0, LONGEST_QUESTION);
    // Everybody sees what was asked before there is an answer.
    await this.context.commit();
    const { answer } = this;
    answer.reset();
    for await (const word of pilotWords(this.question, answer.signal)) answer.append(word);
  }

  @action() stop(): void {
    if (this.answer.status === "streaming") this.answer.fail("stopped");
  }
}
