import { act } from "@testing-library/react";
import type { ReactNode } from "react";
import { hydrateRoot } from "react-dom/client";

// What the tests in `x.hooks.test.tsx` need of a framework, of React. Vitest runs them once more with
// `framework.preact.fixture.ts` in its place.

export { act, cleanup, render, screen } from "@testing-library/react";
export { Component, StrictMode, useState } from "react";
export { createCoreHooks, createHooks, createUseStream } from "../react.ts";

// True because this is how React is told that `act` is at hand.
(globalThis as unknown as { IS_REACT_ACT_ENVIRONMENT: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

/** A page that came rendered; what the framework has to say of it is in `complaints`. */
export async function hydrate(
  container: Element,
  page: ReactNode,
): Promise<{ readonly unmount: () => Promise<void>; readonly complaints: unknown[] }> {
  const complaints: unknown[] = [];
  const onRecoverableError = (error: unknown): void => void complaints.push(error);
  const root = await act(async () => hydrateRoot(container, page, { onRecoverableError }));
  return { unmount: () => act(async () => root.unmount()), complaints };
}
