import { createHooks } from "@holdfast/client/react";
import type { ReactElement } from "react";
import type { App } from "../server/app.ts";

const { useModule, useStream } = createHooks<App>();

export function Reply({ chat }: { chat: string }): ReactElement {
  const { actions } = useModule("assistant", { key: chat });
  const { text, status, error } = useStream("assistant", "reply", { key: chat });
  return (
    <article aria-busy={status === "streaming"}>
      <p>{text}</p>
      {error !== null && <p role="status">It broke off: {error}</p>}
      {status === "streaming" && <button onClick={() => void actions.stop()}>Stop</button>}
    </article>
  );
}
