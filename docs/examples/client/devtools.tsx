import { HoldfastDevtools, mountDevtools } from "@holdfast/client/devtools";
import { lazy, type ReactElement, type ReactNode, Suspense } from "react";

export function Page({ children }: { children: ReactNode }): ReactElement {
  return (
    <>
      {children}
      <HoldfastDevtools />
    </>
  );
}

const Devtools = lazy(async () => {
  const devtools = await import("@holdfast/client/devtools");
  return { default: devtools.HoldfastDevtools };
});

export function LaterDevtools({ isWanted }: { isWanted: boolean }): ReactElement {
  return <Suspense>{isWanted && <Devtools open />}</Suspense>;
}

export const putAway: () => void = mountDevtools({ open: true });
