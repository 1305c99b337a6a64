import type { ReactElement } from "react";
import { PageLink } from "./page-link.tsx";

export function NoSuchPage(): ReactElement {
  return (
    <section className="panel notice">
      <h2 className="notice__title">This is on no chart</h2>
      <p className="notice__text">There is no page at this address.</p>
      <PageLink className="button notice__way" to="/">
        Back to the harbour
      </PageLink>
    </section>
  );
}
