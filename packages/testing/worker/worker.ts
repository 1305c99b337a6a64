import { TestObject } from "./test-object.ts";

export { TestObject };

export default {
  fetch(): Response {
    return new Response("The worker of the tests serves nothing by itself.", { status: 404 });
  },
} satisfies ExportedHandler;
