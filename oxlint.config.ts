import { defineConfig, type OxlintOverride } from "oxlint";

/**
 * The layers of the code (docs/design/0001-shape.md), as lint rules. Imports point downward only:
 *
 *   client   hooks → client → store → cache, transport → protocol
 *   server   cloudflare | node → app → system, admission → host → module, state, storage → protocol
 *
 * A ban is a pattern of import specifiers that a zone of files may not use.
 */
interface Ban {
  readonly regex: string;
  readonly message: string;
}

const TESTS = "**/*.{test,contract,fixture}.{ts,tsx}";

/** Packages and platforms that exactly one place imports. */
const IMMER = ban("^immer($|/)", "Only client/src/store/recipe.ts imports immer.");
const PARTYSOCKET = ban(
  "^partysocket($|/)",
  "Only one file of client/src/transport imports partysocket.",
);
const WORKERS = ban("^cloudflare:", "Only server/src/cloudflare imports the Workers platform.");
const NODE = ban("^(node:|ws$)", "Only server/src/node, testing, vite and cli import Node.");
const REACT = ban(
  "^(react|react-dom|preact)($|/)",
  "Only client/src/hooks and its entries import a framework.",
);
const PLATFORMS = [IMMER, PARTYSOCKET, WORKERS, NODE, REACT];

const overrides: OxlintOverride[] = [
  zone("packages/**", PLATFORMS),

  zone("packages/protocol/src/**", [
    ...PLATFORMS,
    ban("^[^.#]", "protocol has no dependencies: it is bundled into both published packages."),
  ]),

  server("state", {
    forbidden: "app|admission|module|storage|system|connection|host|cloudflare|node|vite|cli",
  }),
  server("storage", {
    forbidden: "app|admission|module|state|system|connection|host|cloudflare|node|vite|cli",
  }),
  server("module", {
    forbidden: "app|admission|state|storage|system|connection|host|cloudflare|node|vite|cli",
  }),
  server("system", {
    forbidden: "app|admission|state|storage|connection|host|cloudflare|node|vite|cli",
  }),
  // A room is a small engine of its own over the SQL port; the host knows the ports of rooms.
  server("connection", { forbidden: "app|admission|state|system|host|cloudflare|node|vite|cli" }),
  server("host", { forbidden: "app|admission|system|cloudflare|node|vite|cli" }),
  server("admission", { forbidden: "app|state|storage|system|cloudflare|node|vite|cli" }),
  // Joins what host, system and connection may not know of each other.
  server("app", { forbidden: "state|storage|cloudflare|node|testing|vite|cli" }),
  server("stores", {
    forbidden: "app|state|storage|system|connection|host|cloudflare|node|testing|vite|cli",
  }),
  server("testing", { forbidden: "cloudflare|vite|cli", platform: NODE }),
  server("cloudflare", { forbidden: "node|vite|cli", platform: WORKERS }),
  server("node", { forbidden: "cloudflare|vite|cli", platform: NODE }),
  server("config", {
    forbidden: "app|module|state|storage|system|connection|host|admission|cloudflare|node|vite|cli",
    platform: NODE,
  }),
  server("vite", {
    forbidden: "app|state|storage|host|admission|cloudflare|node|cli",
    platform: NODE,
  }),
  server("cli", { forbidden: "cloudflare|vite", platform: NODE }),
  zone("packages/server/src/*.ts", [
    ...PLATFORMS,
    ban(
      "^\\./(admission|app|host|storage|cloudflare|node|vite|cli)/",
      "The entry for definitions knows no host and no platform.",
    ),
  ]),

  client("devtools/**", { forbidden: "hooks|transport|cache" }),
  client("hooks/**", { forbidden: "transport|cache|devtools", platform: REACT }),
  client("store/**", { forbidden: "hooks|transport|client(-[a-z]+)?|devtools" }),
  client("store/recipe.ts", {
    forbidden: "hooks|transport|cache|client(-[a-z]+)?|devtools",
    platform: IMMER,
  }),
  client("transport/**", { forbidden: "hooks|store|cache|client(-[a-z]+)?|devtools" }),
  client("transport/partysocket.ts", {
    forbidden: "hooks|store|cache|client(-[a-z]+)?|devtools",
    platform: PARTYSOCKET,
  }),
  client("cache/**", { forbidden: "hooks|store|transport|client(-[a-z]+)?|devtools" }),
  zone("packages/client/src/{react,preact}.ts", without(REACT)),

  // Tests may use Node and a framework anywhere; the layers hold for them as well as they can.
  zone(`packages/protocol/${TESTS}`, [IMMER, PARTYSOCKET, WORKERS, REACT]),
  zone(`packages/server/${TESTS}`, [IMMER, PARTYSOCKET, REACT]),
  zone(`packages/client/${TESTS}`, [WORKERS, serverInternals()]),
  zone("packages/testing/**", [IMMER, PARTYSOCKET]),

  {
    files: [TESTS],
    rules: {
      // Fixtures hand out closures in method syntax.
      "typescript/unbound-method": "off",
      // What tracked arrays do must be what arrays do, holes and default order included.
      "no-sparse-arrays": "off",
      "typescript/require-array-sort-compare": "off",
    },
  },

  // Apps of their own, as holdfast init writes them.
  zone("packages/server/templates/**", [IMMER, PARTYSOCKET, internals()]),
  zone("demo/src/**", [IMMER, PARTYSOCKET, WORKERS, NODE, internals()]),
  zone("{scripts,e2e,prove,bench}/**", [internals()]),
];

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "react", "promise"],
  categories: { correctness: "error" },
  ignorePatterns: [
    "**/dist/**",
    "build/**",
    "e2e/output/**",
    "packages/testing/skew/**",
    "**/*.d.ts",
  ],
  rules: {
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-self-import": "error",
    "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    "typescript/consistent-type-imports": "error",
    "typescript/no-misused-promises": "error",
    // SQL rows and frames are `unknown` until they are narrowed; saying so in a message is fine.
    "typescript/no-base-to-string": "off",
    "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    eqeqeq: "error",
    "prefer-const": "error",
    // A statement of SQL is an expression: sql`INSERT …`.
    "no-unused-expressions": ["error", { allowTaggedTemplates: true }],
    "no-var": "error",
  },
  overrides,
});

function ban(regex: string, message: string): Ban {
  return { regex, message };
}

function without(allowed: Ban): Ban[] {
  return PLATFORMS.filter((platform) => platform !== allowed);
}

function zone(files: string, bans: readonly Ban[]): OxlintOverride {
  return {
    files: [files],
    rules: { "no-restricted-imports": ["error", { patterns: bans.map((one) => ({ ...one })) }] },
  };
}

interface Layer {
  /** The folders above and beside this one, which it may not import. */
  readonly forbidden: string;
  /** The platform or package that this layer alone may import. */
  readonly platform?: Ban;
}

function server(folder: string, layer: Layer): OxlintOverride {
  return zone(`packages/server/src/${folder}/**`, [
    ...(layer.platform ? without(layer.platform) : PLATFORMS),
    ban(
      `^(\\.\\./)+(${layer.forbidden})/`,
      `${folder} imports downward only (oxlint.config.ts draws the layers).`,
    ),
    ban(
      "^(\\.\\./)+index\\.ts$|^@holdfast/(server|client|testing)",
      `${folder} imports the file that it means.`,
    ),
  ]);
}

function client(files: string, layer: Layer): OxlintOverride {
  return zone(`packages/client/src/${files}`, [
    ...(layer.platform ? without(layer.platform) : PLATFORMS),
    ban(
      `^(\\.\\./)+(${layer.forbidden})(/|\\.ts$)`,
      `${files} imports downward only (oxlint.config.ts draws the layers).`,
    ),
    ban(
      "^(\\.\\./)+index\\.ts$|^@holdfast/(server|client|testing)",
      `${files} imports the file that it means.`,
    ),
  ]);
}

function serverInternals(): Ban {
  return ban("^(\\.\\./)+server/", "The client's tests reach the server through its exports.");
}

/** What applications and tools may not reach into. */
function internals(): Ban {
  return ban("packages/[a-z]+/(src|dist)/", "Import the package by its name and exports.");
}
