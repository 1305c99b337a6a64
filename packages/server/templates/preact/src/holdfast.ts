import { createHooks } from "@holdfast/client/preact";
import type { App } from "./app.ts";

export const { useModule } = createHooks<App>();
