export { createMockHooks, type MockHooks } from "./testing/create-mock-hooks.ts";
export {
  mockApp,
  type MockActionContext,
  type MockActions,
  type MockApp,
  type MockAppOptions,
  type MockCall,
  type MockHandle,
  type MockModule,
} from "./testing/mock-app.ts";
