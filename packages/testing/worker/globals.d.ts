declare namespace Cloudflare {
  /** Types `exports` and `env` of `cloudflare:workers` in workerd tests. */
  interface GlobalProps {
    mainModule: typeof import("./worker.ts");
    durableNamespaces:
      | "TestObject"
      | "ModuleObject"
      | "ProbeObject"
      | "BoardObject"
      | "RoomObject"
      | "UserConnection"
      | "OpenConnection"
      | "EarObject";
  }
}
