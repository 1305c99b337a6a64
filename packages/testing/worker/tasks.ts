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

  /** Writes a row and a task; both or, when it throws, neither. */
  @action() log(text: string): number {
    this.sql`CREATE TABLE IF NOT EXISTS log (text TEXT, bytes BLOB)`;
    this.sql`INSERT INTO log VALUES (${text}, ${new TextEncoder().encode(text)})`;
    this.add(text);
    if (text === "throw") throw new Error("no");
    return this.logged().length;
  }

  @action() logged(): string[] {
    const rows = this.sql<{ text: string; bytes: Uint8Array }>`SELECT * FROM log`;
    return rows.map(({ text, bytes }) => `${text}/${new TextDecoder().decode(bytes)}`);
  }

  @action() async failSlowly(): Promise<void> {
    this.add("half");
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error("no");
  }
}
