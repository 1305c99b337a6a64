import { type DevtoolsOptions, mountDevtools } from "./mount-devtools.ts";

/**
 * The devtools as a component, for React and Preact alike: both take a class of this kind for a
 * component, and so no framework is imported. It renders nothing in its own place.
 *
 * @example
 * <HoldfastDevtools />
 */
// True because it is rendered as a component and nothing else: to a framework it is either kind.
export const HoldfastDevtools = class {
  readonly props: DevtoolsOptions;
  #unmount: (() => void) | undefined;

  constructor(props: DevtoolsOptions) {
    this.props = props;
  }

  componentDidMount(): void {
    this.#unmount = mountDevtools(this.props);
  }

  componentWillUnmount(): void {
    this.#unmount?.();
  }

  render(): null {
    return null;
  }

  /** How React tells it from a function. */
  get isReactComponent(): boolean {
    return true;
  }
} as unknown as (props: DevtoolsOptions) => null;
