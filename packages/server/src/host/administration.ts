import { HoldfastError, type WireError } from "@holdfast/protocol";
import type { InstanceReport } from "./admin.ts";

/** What an operator asks of one instance. Plain data: it crosses from the server's front to the instance. */
export type AdminTask =
  | { readonly type: "export" }
  | { readonly type: "import"; readonly backup: string }
  /** `commits`: how many of the latest are to be told as well. */
  | { readonly type: "inspect"; readonly commits: number };

/** What comes of it: text as it is, or why not, in words that the operator may read. */
export type AdminAnswer =
  | { readonly type: "done"; readonly text: string }
  | { readonly type: "failed"; readonly error: WireError };

/** What can be done to an instance as a whole. */
export interface Administered {
  exportState(): Promise<string>;
  importState(backup: string): Promise<void>;
  inspect(commits: number): Promise<InstanceReport>;
}

/** Does one task; never throws. */
export async function administer(
  instance: Administered,
  task: AdminTask,
  report: (error: unknown, what: string) => void,
): Promise<AdminAnswer> {
  try {
    return { type: "done", text: await perform(instance, task) };
  } catch (error) {
    if (error instanceof HoldfastError) {
      return { type: "failed", error: { code: error.code, message: error.message } };
    }
    report(error, `The task "${task.type}" failed`);
    const message = `"${task.type}" failed; the server's log says why.`;
    return { type: "failed", error: { code: "INTERNAL", message } };
  }
}

async function perform(instance: Administered, task: AdminTask): Promise<string> {
  switch (task.type) {
    case "export":
      return instance.exportState();
    case "import":
      await instance.importState(task.backup);
      return "";
    case "inspect":
      return JSON.stringify(await instance.inspect(task.commits));
  }
}
