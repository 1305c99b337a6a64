import { Component, type ReactNode } from "react";

interface Properties {
  /** Of the page. */
  readonly name: string;
  readonly children: ReactNode;
}

/** Says that a page could not be loaded, or broke. React wants a class for that. */
export class PageFailure extends Component<Properties, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <section className="panel notice" role="alert">
        <h2 className="notice__title">{this.props.name} did not come up</h2>
        <p className="notice__text">
          Its code could not be loaded, or it broke. What is stored is safe: it is on the server,
          and what waits to be sent stays in this browser.
        </p>
        {/* Code that a browser could not load once, it may never ask for again in this document. */}
        <button className="button notice__way" type="button" onClick={() => location.reload()}>
          Load again
        </button>
      </section>
    );
  }
}
