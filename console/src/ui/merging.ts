/** Three-way merge of a form: the base version, the values of the form, the saved version. */

export type Values = Readonly<Record<string, unknown>>;

/** A field that another user has changed to a value that the form does not have. */
export interface Difference {
  readonly name: string;
  readonly mine: unknown;
  readonly theirs: unknown;
  /** Both have changed the field, so the user must choose; otherwise the saved value is the default. */
  readonly both: boolean;
}

export type Choice = "mine" | "theirs";

const same = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** The fields that a form has changed, with their new values. */
export function changed<V extends Values>(base: V, mine: V): Partial<V> {
  const names = Object.keys(mine).filter((name) => !same(base[name], mine[name]));
  return Object.fromEntries(names.map((name) => [name, mine[name]])) as Partial<V>;
}

/** The fields of `theirs` that differ from the base and from the form. */
export function differences<V extends Values>(base: V, mine: V, theirs: V): Difference[] {
  return Object.keys(mine)
    .filter((name) => !same(base[name], theirs[name]) && !same(mine[name], theirs[name]))
    .map((name) => ({ name, mine: mine[name], theirs: theirs[name], both: !same(base[name], mine[name]) }));
}

/** The merged values: the saved version with the fields that only the form changed or that the user chose. */
export function merged<V extends Values>(base: V, mine: V, theirs: V, chosen: Readonly<Record<string, Choice>>): V {
  const found = differences(base, mine, theirs);
  const lost = found.filter(({ name, both }) => (chosen[name] ?? (both ? "mine" : "theirs")) === "theirs");
  const names = Object.keys(mine).filter((name) => !lost.some((one) => one.name === name));
  return { ...theirs, ...Object.fromEntries(names.map((name) => [name, mine[name]])) };
}
