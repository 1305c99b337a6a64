import { createHooks } from "@holdfast/client/react";
import type { ReactElement } from "react";
import type { App } from "../server/app.ts";

const { useModule } = createHooks<App>();

export function TodoPage({ list, snapshot }: { list: string; snapshot: string }): ReactElement {
  const { state } = useModule("todos", { key: list, initialSnapshot: snapshot });
  return <p>{state?.items.length} things to do</p>;
}
