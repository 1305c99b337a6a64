import { type ReactElement, Suspense } from "react";
import type { DemoPage } from "../pages.ts";
import { NoSuchPage } from "./no-such-page.tsx";
import { PageFailure } from "./page-failure.tsx";
import "./page-outlet.css";

/** Loads a page and shows it; one that cannot be loaded, or breaks, leaves the others alone. */
export function PageOutlet({ page }: { page: DemoPage | undefined }): ReactElement {
  if (!page) return <NoSuchPage />;
  return (
    <PageFailure key={page.path} name={page.name}>
      <Suspense fallback={<Loading name={page.name} />}>
        <page.Component />
      </Suspense>
    </PageFailure>
  );
}

function Loading({ name }: { name: string }): ReactElement {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading {name}</span>
    </div>
  );
}
