/** The search parameters of a screen: filters, sort and page. */

type Kind = "text" | "number" | "flag";
type Value<K extends Kind> = K extends "text" ? string : K extends "number" ? number : boolean;
export type Search<Shape extends Record<string, Kind>> = { [Name in keyof Shape]?: Value<Shape[Name]> };

/** A reader of search parameters, for `validateSearch` of a route; drops values of another kind. */
export function search<const Shape extends Record<string, Kind>>(shape: Shape) {
  return (given: Record<string, unknown>): Search<Shape> => {
    const read: Record<string, unknown> = {};
    for (const [name, kind] of Object.entries(shape)) {
      const value = given[name];
      if (value === undefined || value === "") continue;
      if (kind === "text") read[name] = String(value);
      if (kind === "number" && Number.isFinite(Number(value))) read[name] = Number(value);
      if (kind === "flag" && ["true", "false"].includes(String(value))) read[name] = String(value) === "true";
    }
    return read as Search<Shape>;
  };
}
