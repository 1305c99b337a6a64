import type { ReactElement } from "react";
import { SettingsDialog } from "../settings/settings-dialog.tsx";
import { ConnectionStatus } from "./connection-status.tsx";
import { PageBar } from "./page-bar.tsx";
import "./header.css";

/** The name, the way to every page, and the light that says how the page is connected. */
export function Header({ path }: { path: string }): ReactElement {
  return (
    <header className="header">
      <div className="header__brand">
        <svg className="header__mark" viewBox="0 0 32 40" aria-hidden="true">
          <path d="M17 3c-5 7 4 13-1 23" />
          <path className="header__blade" d="M17 4c7-1 10 3 12 8c-6 1-11-1-14-4z" />
          <path className="header__blade" d="M17 14c-7-2-11 1-14 5c5 3 11 2 15-1z" />
          <path d="M16 26c-2 6-9 4-13 11M16 26c-1 5-3 7-6 12M16 26v12M16 26c1 5 3 7 6 12M16 26c2 6 9 4 13 11" />
        </svg>
        <h1 className="header__name">Holdfast</h1>
      </div>
      <PageBar path={path} />
      <div className="header__tools">
        <ConnectionStatus />
        <SettingsDialog />
      </div>
    </header>
  );
}
