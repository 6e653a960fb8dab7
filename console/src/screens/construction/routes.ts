import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";
import { search } from "../../app/search";

export const construction = createRoute({
  ...screen("/construction", () => import("./construction"), "Construction"),
  validateSearch: search({
    view: "text",
    site: "text",
    status: "text",
    severity: "text",
    assignee: "text",
    reporter: "text",
    overdue: "flag",
    from: "text",
    to: "text",
    number: "number",
    sort: "text",
    order: "text",
    page: "number",
    size: "number",
  }),
});
export const site = createRoute({ ...screen("/construction/sites/$id", () => import("./site"), "SitePage") });
export const defect = createRoute({ ...screen("/construction/defects/$id", () => import("./defect"), "DefectPage") });
