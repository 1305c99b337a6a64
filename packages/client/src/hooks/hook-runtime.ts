/** What the hooks need of a framework. React and Preact each bring one. */
export interface HookRuntime {
  /** React's rules: `getSnapshot` gives the same value until the source changes. */
  readonly useSyncExternalStore: <Snapshot>(
    subscribe: (onChange: () => void) => () => void,
    getSnapshot: () => Snapshot,
    getServerSnapshot: () => Snapshot,
  ) => Snapshot;
  readonly useMemo: <Value>(compute: () => Value, dependencies: readonly unknown[]) => Value;
  readonly useRef: <Value>(initial: Value) => { current: Value };
  readonly useEffect: (effect: () => void, dependencies?: readonly unknown[]) => void;
}
