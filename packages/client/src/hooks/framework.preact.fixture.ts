import * as testing from "@testing-library/preact";
import * as preact from "preact";
import * as hooks from "preact/hooks";
import { createCoreHooks, createHooks, createUseStream } from "../preact.ts";
import type * as react from "./framework.fixture.ts";

/** What this file stands in for. */
type Framework = typeof react;

// Each is true as far as the tests go, which hand it nothing but what this framework's JSX has made.
const framework = {
  ...testing,
  ...hooks,
  Component: preact.Component,
  // Preact has no such mode.
  StrictMode: preact.Fragment,
  hydrate: async (container: Element, page: preact.ComponentChild) => {
    await testing.act(() => preact.hydrate(page, container));
    return {
      unmount: () => testing.act(() => preact.render(null, container)),
      complaints: [],
    };
  },
} as unknown as Framework;

export const { act, cleanup, render, screen, Component, StrictMode, useState, hydrate } = framework;
export { createCoreHooks, createHooks, createUseStream };
