import { createHooks } from "@holdfast/client/react";
import type { App } from "./app.ts";
import { noteRejection } from "./shell/rejections.ts";

export const { useModule, usePersistedModule, useConnection, useEvent, useStatus, useStream } =
  createHooks<App>({ onRejected: noteRejection });
