/** Who can sign in. */
export interface CrewMember {
  readonly id: string;
  readonly name: string;
}

/** The built-in list of users. An app has accounts, and checks a password where this one looks here. */
export const CREW: readonly CrewMember[] = [
  { id: "ada", name: "Ada" },
  { id: "bo", name: "Bo" },
  { id: "chidi", name: "Chidi" },
];
