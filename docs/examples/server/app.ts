import type { AppOf } from "@holdfast/server";
import { board } from "./board.ts";
import { door } from "./events.ts";
import { report } from "./report.ts";
import { TaskManager } from "./task-manager.ts";
import { todos } from "./todos.ts";

export const modules = { todos, board, report, door, taskManager: TaskManager };
export type App = AppOf<typeof modules>;
