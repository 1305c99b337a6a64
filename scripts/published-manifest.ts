/** What a path stands for: a file, or a choice by condition. */
type Target = string | { readonly [condition: string]: Target };
type Targets = Readonly<Record<string, Target>>;

/** The parts of a package.json that publishing changes. */
export interface Manifest {
  readonly [field: string]: unknown;
  readonly exports: Targets;
  readonly files?: readonly string[];
  readonly imports?: Targets;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The condition by which this repository's sources find each other. */
const SOURCES = "holdfast-source";
const PROTOCOL = "@holdfast/protocol";

/** A workspace's manifest without what holds only inside the repository. */
export function publishedManifest(workspace: Manifest, protocol: Manifest): Manifest {
  const { private: _private, devDependencies: _tools, scripts: _scripts, ...published } = workspace;
  // The protocol's copy keeps its own `#` imports; they are looked up in the package around it.
  const imports = {
    ...withoutSources(workspace.imports ?? {}),
    ...withoutSources(protocol.imports ?? {}, (path) =>
      path.replace(/^\.\/dist\//, "./dist/protocol/"),
    ),
  };
  const { [PROTOCOL]: _copied, ...dependencies } = workspace.dependencies ?? {};
  return {
    ...published,
    exports: withoutSources(workspace.exports),
    ...(Object.keys(imports).length > 0 && { imports }),
    dependencies,
    files: workspace.files ?? ["dist"],
  };
}

/** What has sources only is for this repository's own tools, and goes altogether. */
function withoutSources(
  targets: Targets,
  move: (path: string) => string = (path) => path,
): Targets {
  return Object.fromEntries(
    Object.entries(targets).flatMap(([path, target]) => {
      const kept = targetWithoutSources(target, move);
      return kept === undefined ? [] : [[path, kept]];
    }),
  );
}

function targetWithoutSources(target: Target, move: (path: string) => string): Target | undefined {
  if (typeof target === "string") return move(target);
  const conditions = Object.entries(target).flatMap(([condition, inner]) => {
    const kept = condition === SOURCES ? undefined : targetWithoutSources(inner, move);
    return kept === undefined ? [] : [[condition, kept] as const];
  });
  return conditions.length === 0 ? undefined : Object.fromEntries(conditions);
}
