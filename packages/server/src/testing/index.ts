export { type PageOptions, type TestApp, testApp, type TestAppOptions } from "./test-app.ts";
export type { TestEnvironment, TestPage, TestPageOptions } from "./test-page.ts";
