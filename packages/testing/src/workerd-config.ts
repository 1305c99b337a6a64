/** The parts of a worker that workerd reads from its configuration file. */
export interface WorkerdConfigOptions {
  readonly durableObjects: readonly string[];
  readonly text?: Readonly<Record<string, string>>;
  readonly v8Flags?: readonly string[];
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
}

/** The newest date that the pinned workerd accepts without a warning. */
const COMPATIBILITY_DATE = "2026-10-01";

/** A configuration for a worker in `worker.js` beside it; addresses and folders come by command line. */
export function workerdConfig(options: WorkerdConfigOptions): string {
  const namespaces = options.durableObjects.map(
    (name) =>
      `(className = ${quoted(name)}, uniqueKey = ${quoted(`holdfast-${name}`)}, enableSql = true)`,
  );
  const bindings = [
    ...options.durableObjects.map(
      (name) => `(name = ${quoted(name)}, durableObjectNamespace = ${quoted(name)})`,
    ),
    ...Object.entries(options.text ?? {}).map(
      ([name, value]) => `(name = ${quoted(name)}, text = ${quoted(value)})`,
    ),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "storage", disk = (path = "storage", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  v8Flags = ${list((options.v8Flags ?? []).map(quoted))},
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = ${quoted(options.compatibilityDate ?? COMPATIBILITY_DATE)},
  compatibilityFlags = ${list((options.compatibilityFlags ?? []).map(quoted))},
  durableObjectNamespaces = ${list(namespaces)},
  durableObjectStorage = (localDisk = "storage"),
  bindings = ${list(bindings)},
);
`;
}

function list(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

/** Cap'n Proto's text literals escape like C's; JSON's escapes of what we use are the same. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
