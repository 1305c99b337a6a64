// holdfast.mock.ts: what stories and tests of components load in place of holdfast.ts
import { createHooks } from "@holdfast/client/react";
import { createMockHooks } from "@holdfast/client/testing";
import type { App } from "../server/app.ts";

export const { start, useModule, useStatus } = createMockHooks<App>(createHooks);
