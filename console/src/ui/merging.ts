/** What becomes of a form when another user was quicker: three versions of its fields, and what is to be sent. */

export type Values = Readonly<Record<string, unknown>>;

/** A field that another user has changed, and that this form would write or show otherwise. */
export interface Difference {
  readonly name: string;
  readonly mine: unknown;
  readonly theirs: unknown;
  /** Both have changed it: the user has to choose. Else only they have, and theirs is the natural choice. */
  readonly both: boolean;
}

export type Choice = "mine" | "theirs";

const same = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** The fields that a form has changed, with their new values. */
export function changed<V extends Values>(base: V, mine: V): Partial<V> {
  const names = Object.keys(mine).filter((name) => !same(base[name], mine[name]));
  return Object.fromEntries(names.map((name) => [name, mine[name]])) as Partial<V>;
}

/** The fields of `theirs` that are no longer what the form was filled from, where they are not what it says anyway. */
export function differences<V extends Values>(base: V, mine: V, theirs: V): Difference[] {
  return Object.keys(mine)
    .filter((name) => !same(base[name], theirs[name]) && !same(mine[name], theirs[name]))
    .map((name) => ({ name, mine: mine[name], theirs: theirs[name], both: !same(base[name], mine[name]) }));
}

/** What the form says after the user has chosen: their version, but for what only the form changed and what it won. */
export function merged<V extends Values>(base: V, mine: V, theirs: V, chosen: Readonly<Record<string, Choice>>): V {
  const found = differences(base, mine, theirs);
  const lost = found.filter(({ name, both }) => (chosen[name] ?? (both ? "mine" : "theirs")) === "theirs");
  const names = Object.keys(mine).filter((name) => !lost.some((one) => one.name === name));
  return { ...theirs, ...Object.fromEntries(names.map((name) => [name, mine[name]])) };
}
