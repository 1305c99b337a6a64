import type { ReactElement } from "react";
import { useModule } from "../holdfast.ts";
import { Footnotes } from "../shell/footnotes.tsx";
import { BERTHS, launch, move, scrap, type SlipwayState } from "./slipway-actions.ts";
import { BoatItem } from "./boat-item.tsx";
import { Logbook } from "./logbook.tsx";
import { NewBoat } from "./new-boat.tsx";
import "./slipway.css";

const optimistic = {
  launch: (draft: SlipwayState, name: string, { randomId }: { randomId: () => string }) =>
    launch(draft, name.trim(), randomId()),
  move: (draft: SlipwayState, to: Parameters<typeof move>[1]) => void move(draft, to),
  scrap: (draft: SlipwayState, id: string) => void scrap(draft, id),
};

const TITLES = { ashore: "Ashore", afloat: "Afloat", home: "Home" } as const;

/** Everybody's list of what there is to do: boats that are laid down, sail, and come home. */
export function SlipwayPage(): ReactElement {
  return (
    <>
      <Slipway />
      <Footnotes>
        <p>
          <strong>It is a class.</strong> Its fields are the state, its methods what a browser may
          ask for. A boat moves before the server has answered.
        </p>
        <p>
          <strong>The logbook is SQL</strong> in the same object. A line is written with the move
          that it tells of, or not at all.
        </p>
        <p>
          <strong>Try it.</strong> Move one boat in two windows at once. Nothing is doubled, and
          both see the same.
        </p>
      </Footnotes>
    </>
  );
}

function Slipway(): ReactElement {
  const { state, restored, actions, pending } = useModule("slipway", { optimistic });
  const boats = restored ? state.boats : [];
  // A refusal shows itself: the boat is where the server has it.
  const ignore = (): void => {};

  return (
    <section className="panel" aria-labelledby="slipway-title" data-pending={pending}>
      <header className="panel__head">
        <h2 id="slipway-title" className="panel__title">
          The slipway
        </h2>
        <NewBoat disabled={!restored} onLaunch={(name) => actions.launch(name)} />
      </header>
      <div className="slipway__berths">
        {BERTHS.map((berth) => {
          const here = boats.filter((boat) => boat.berth === berth);
          return (
            <section key={berth} className="berth" data-berth={berth} aria-label={TITLES[berth]}>
              <h3 className="berth__title">
                {TITLES[berth]} <span className="berth__count">{here.length}</span>
              </h3>
              <ul className="berth__boats">
                {here.map((boat) => (
                  <BoatItem
                    key={boat.id}
                    boat={boat}
                    onMove={(to) => void actions.move({ id: boat.id, to }).catch(ignore)}
                    onScrap={() => void actions.scrap(boat.id).catch(ignore)}
                  />
                ))}
              </ul>
              {restored && here.length === 0 && <p className="berth__empty">no boats</p>}
            </section>
          );
        })}
        <Logbook ready={restored} changed={boats} read={actions.logbook} />
      </div>
    </section>
  );
}
