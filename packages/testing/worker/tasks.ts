import { action, field, System } from "@holdfast/server";

/** A system, decorators and all, on the real platform. */
export class Tasks extends System {
  @field tasks: { id: string; title: string }[] = [];
  #prefix = "a task: ";

  @action() add(title: string): number {
    this.tasks.push({ id: this.context.randomId(), title: this.#prefix + title });
    return this.tasks.length;
  }

  @action() async addSlowly(title: string): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.add(title);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return this.tasks.length;
  }

  @action() async failSlowly(): Promise<void> {
    this.add("half");
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error("no");
  }
}
