import { createHooks } from "@holdfast/client/react";
import type { App } from "../server/app.ts";

export const { useModule, useStatus } = createHooks<App>();
