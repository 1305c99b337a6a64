import { createHooks } from "@holdfast/client/react";
import type { App } from "./app.ts";
import { noteRejection } from "./shell/rejections.ts";

export const { useModule, usePersistedModule, useStatus, useStream } = createHooks<App>({
  onRejected: noteRejection,
});
