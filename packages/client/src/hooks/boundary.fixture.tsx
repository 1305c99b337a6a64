import type { ReactNode } from "react";
import { Component } from "./framework.fixture.ts";

/** Shows which error was thrown inside of it. */
export class Boundary extends Component<
  { readonly children: ReactNode },
  { readonly error?: Error }
> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error
      ? `caught ${"code" in error ? String(error.code) : error.message}`
      : this.props.children;
  }
}
