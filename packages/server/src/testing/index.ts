export { testApp } from "./app/test-app.ts";
export type { PageOptions, TestApp, TestAppOptions } from "./app/running-app.ts";
export type { TestEnvironment, TestPage, TestPageOptions } from "./app/test-page.ts";
export { checkStateStore, type OpenedStore, type StoreReport } from "./check-state-store.ts";
