import type { Bench } from "./figure.ts";

/** Every benchmark by the name that it is called by, in the order of the report. */
export const BENCHES: Readonly<
  Record<string, { readonly title: string; readonly load: () => Promise<Bench> }>
> = {
  "round-trip": {
    title: "One action at a time",
    load: async () => (await import("./round-trip.ts")).roundTrip,
  },
  throughput: {
    title: "Actions per second",
    load: async () => (await import("./throughput.ts")).throughput,
  },
  crowd: {
    title: "Many who act at once",
    load: async () => (await import("./crowd.ts")).crowd,
  },
  listeners: {
    title: "Listeners",
    load: async () => (await import("./listeners.ts")).listeners,
  },
  storage: {
    title: "Rows and bytes",
    load: async () => (await import("./storage.ts")).storage,
  },
  streams: {
    title: "Streams",
    load: async () => (await import("./streams.ts")).streams,
  },
  rooms: { title: "Rooms", load: async () => (await import("./rooms.ts")).rooms },
  node: { title: "On Node", load: async () => (await import("./node.ts")).node },
  wake: { title: "Waking", load: async () => (await import("./wake.ts")).wake },
  memory: { title: "Memory", load: async () => (await import("./memory.ts")).memory },
  connect: { title: "Connecting", load: async () => (await import("./connect.ts")).connect },
  tracker: {
    title: "Tracked state",
    load: async () => (await import("./tracker.ts")).tracker,
  },
  isolation: {
    title: "Isolation across await",
    load: async () => (await import("./isolation.ts")).isolation,
  },
  client: {
    title: "The client's share",
    load: async () => (await import("./client.ts")).client,
  },
  types: { title: "Types", load: async () => (await import("./types.ts")).types },
  size: { title: "Size of the client", load: async () => (await import("./size.ts")).size },
};
