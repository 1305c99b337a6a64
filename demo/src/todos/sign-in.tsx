import { type ReactElement, useState } from "react";
import { CREW, type CrewMember } from "./crew.ts";

/** Who is signed in, and who else could be: one press changes it. */
export function SignIn(props: {
  user: CrewMember | null;
  disabled: boolean;
  onSignIn: (id: string) => Promise<unknown>;
  onSignOut: () => Promise<unknown>;
}): ReactElement {
  const { user, onSignIn, onSignOut } = props;
  const [isMoving, setIsMoving] = useState(false);

  /** Buttons that cannot be pressed just now are there all the same: they keep the focus. */
  function buttonFor(isPossible: boolean, move: () => Promise<unknown>): object {
    const isOff = props.disabled || isMoving || !isPossible;
    return {
      type: "button",
      "aria-disabled": isOff,
      onClick: () => {
        if (isOff) return;
        setIsMoving(true);
        void move().finally(() => setIsMoving(false));
      },
    };
  }

  return (
    <div className="sign-in" role="group" aria-label="Account" aria-busy={isMoving}>
      {CREW.map(({ id, name }) => (
        <button
          key={id}
          {...buttonFor(id !== user?.id, () => onSignIn(id))}
          className="sign-in__member"
          aria-pressed={id === user?.id}
        >
          <span className="sign-in__mark" aria-hidden="true">
            {name[0]}
          </span>
          <span className="visually-hidden">
            {id === user?.id ? "Signed in as " : "Sign in as "}
          </span>
          {name}
        </button>
      ))}
      <button
        {...buttonFor(user !== null, onSignOut)}
        className="sign-in__member sign-in__member--out"
      >
        Sign out
      </button>
    </div>
  );
}
