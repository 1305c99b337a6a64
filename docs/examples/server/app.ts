import type { AppOf } from "@holdfast/server";
import { answers } from "./answers.ts";
import { Assistant } from "./assistant.ts";
import { board } from "./board.ts";
import { door } from "./events.ts";
import { report } from "./report.ts";
import { TaskManager } from "./task-manager.ts";
import { todos } from "./todos.ts";

export const modules = {
  todos,
  board,
  report,
  door,
  taskManager: TaskManager,
  assistant: Assistant,
  answers,
};
export type App = AppOf<typeof modules>;
