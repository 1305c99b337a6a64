import { type ReactElement, useRef } from "react";
import { AS_DELIVERED, LETTERS, LIGHTS, WATERS } from "./settings-actions.ts";
import { SettingChoice } from "./setting-choice.tsx";
import { useSettings } from "./use-settings.ts";
import "./settings-dialog.css";

const LIGHT_WORDS = { system: "as the system has it", day: "day", night: "night" } as const;
const LETTER_WORDS = { usual: "usual", large: "large" } as const;
const WATER_WORDS = { moving: "moves", still: "lies still" } as const;

/** How the page looks, for this visit: a button, and the dialog that it opens. */
export function SettingsDialog(): ReactElement {
  const { settings, isKnown, choose } = useSettings();
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        className="settings__open"
        type="button"
        aria-haspopup="dialog"
        onClick={() => dialog.current?.showModal()}
      >
        <span className="visually-hidden">Settings</span>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
          <circle cx="16" cy="7" r="2.6" />
          <circle cx="8" cy="17" r="2.6" />
        </svg>
      </button>
      <dialog
        className="settings"
        ref={dialog}
        aria-labelledby="settings-title"
        // A press beside the dialog is one on its backdrop.
        onClick={(event) => event.target === dialog.current && dialog.current.close()}
      >
        <form className="settings__form" method="dialog">
          <h2 id="settings-title" className="settings__title">
            Settings for this visit
          </h2>
          <fieldset className="settings__choices" disabled={!isKnown}>
            <SettingChoice
              name="Light"
              options={LIGHTS}
              words={LIGHT_WORDS}
              chosen={settings.light}
              onChoose={(light) => choose({ light })}
            />
            <SettingChoice
              name="Letters"
              options={LETTERS}
              words={LETTER_WORDS}
              chosen={settings.letters}
              onChoose={(letters) => choose({ letters })}
            />
            <SettingChoice
              name="Water"
              options={WATERS}
              words={WATER_WORDS}
              chosen={settings.water}
              onChoose={(water) => choose({ water })}
            />
          </fieldset>
          <p className="settings__fact">
            All tabs of this browser follow at once. A minute after the last one is closed, the
            server has forgotten it.
          </p>
          <div className="settings__ways">
            <button
              className="button"
              type="button"
              disabled={!isKnown}
              onClick={() => choose(AS_DELIVERED)}
            >
              As delivered
            </button>
            <button className="button button--main" type="submit">
              Done
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
