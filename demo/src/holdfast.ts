import { createHooks } from "@holdfast/client/react";
import type { App } from "./app.ts";

export const { useModule, usePersistedModule, useStatus, useStream } = createHooks<App>();
