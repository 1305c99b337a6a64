import { action, durableObjectStore, field, global, System } from "@holdfast/server";

interface Task {
  id: string;
  title: string;
  due: Date | null;
}

export class TaskManager extends System {
  static readonly persist = durableObjectStore(global());

  @field tasks: Task[] = [];
  @field tags = new Map<string, number>();

  readonly seen = new Set<string>(); // not a field: plain memory, gone when the instance leaves it

  get open(): number {
    return this.tasks.length;
  }

  @action() add(title: string): number {
    this.seen.add(title);
    this.tasks.push({ id: this.context.randomId(), title, due: null });
    return this.open;
  }

  @action() async enrich(id: string): Promise<void> {
    const response = await fetch(`https://tags.example/${id}`);
    for (const tag of (await response.json()) as string[]) {
      this.tags.set(tag, (this.tags.get(tag) ?? 0) + 1);
    }
  }

  // No decorator: clients cannot call it, and the types of the client do not show it.
  protected forget(): void {
    this.tasks = [];
  }
}
