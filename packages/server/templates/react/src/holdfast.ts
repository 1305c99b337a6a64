import { createHooks } from "@holdfast/client/react";
import type { App } from "./app.ts";

export const { useModule } = createHooks<App>();
