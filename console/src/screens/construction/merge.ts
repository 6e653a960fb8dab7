/** What to do when somebody else has changed a defect since the form was filled from it. */
import type { Schema } from "../../api/client";

/** The fields of the form. */
export type Fields = Pick<Schema<"Defect">, "title" | "description" | "location" | "severity" | "due_date">;
export const FIELDS = ["title", "description", "location", "severity", "due_date"] as const satisfies (keyof Fields)[];

/** The fields that both changed since `base`, and not to the same: a person has to choose. */
export const conflicts = (base: Fields, theirs: Fields, mine: Fields) =>
  FIELDS.filter((name) => theirs[name] !== base[name] && mine[name] !== base[name] && theirs[name] !== mine[name]);

/** Mine where I changed something, theirs elsewhere; where both did, what was chosen. */
export function merged(
  base: Fields,
  theirs: Fields,
  mine: Fields,
  chosen: Partial<Record<keyof Fields, "mine" | "theirs">>,
) {
  const isMine = (name: keyof Fields) => mine[name] !== base[name] && chosen[name] !== "theirs";
  const take = <Name extends keyof Fields>(name: Name) => (isMine(name) ? mine : theirs)[name];
  return {
    title: take("title"),
    description: take("description"),
    location: take("location"),
    severity: take("severity"),
    due_date: take("due_date"),
  };
}
