import type { ReactElement } from "react";
import { Harbour } from "../chat/harbour.tsx";
import { Tide } from "../counter/tide.tsx";
import { Slipway } from "../slipway/slipway.tsx";
import { Footnotes } from "./footnotes.tsx";
import { Header } from "./header.tsx";
import "./page.css";

/** The whole page: a tide that everybody raises, rooms to talk in, and what there is to do. */
export function Page(): ReactElement {
  return (
    <div className="page">
      <Header />
      <main className="page__main">
        <Tide />
        <Harbour />
      </main>
      <Slipway />
      <Footnotes />
    </div>
  );
}
