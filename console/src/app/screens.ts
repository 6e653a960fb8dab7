/** The screens in the order of the menu, and where each role starts. */
import {
  IconApi,
  IconBuildingFactory2,
  IconChartHistogram,
  IconClipboardList,
  IconCrane,
  IconFileImport,
  IconHistory,
  IconKey,
  IconReportAnalytics,
  IconScan,
  IconSearch,
  IconServer,
  IconShoppingCart,
  IconUsers,
  IconWebhook,
} from "@tabler/icons-react";
import { allowed, type Operation, type Role } from "./session";

export const SCREENS = [
  {
    name: "today",
    path: "/today",
    group: "production",
    icon: IconChartHistogram,
    needs: "GET /api/analytics/dashboard",
  },
  { name: "batches", path: "/batches", group: "production", icon: IconClipboardList, needs: "GET /api/batches" },
  { name: "scan", path: "/scan", group: "production", icon: IconScan, needs: "POST /api/batches/{batch_id}/products" },
  { name: "exchange", path: "/exchange", group: "production", icon: IconFileImport, needs: "POST /api/batches/export" },
  { name: "trace", path: "/trace", group: "analysis", icon: IconSearch, needs: "GET /api/trace" },
  { name: "reports", path: "/reports", group: "analysis", icon: IconReportAnalytics, needs: "GET /api/v1/reports" },
  { name: "construction", path: "/construction", group: "building", icon: IconCrane, needs: "GET /api/v1/sites" },
  { name: "orders", path: "/orders", group: "people", icon: IconShoppingCart, needs: "GET /orders" },
  { name: "users", path: "/users", group: "people", icon: IconUsers, needs: "GET /users" },
  { name: "keys", path: "/keys", group: "people", icon: IconKey, needs: "GET /v1/api-keys" },
  { name: "operations", path: "/operations", group: "service", icon: IconHistory, needs: "GET /api/v1/operations" },
  { name: "webhooks", path: "/webhooks", group: "service", icon: IconWebhook, needs: "GET /api/webhooks" },
  { name: "system", path: "/system", group: "service", icon: IconServer, needs: "GET /api/v1/system" },
] as const satisfies readonly Screen[];

export const GROUPS = {
  production: IconBuildingFactory2,
  analysis: IconReportAnalytics,
  building: IconCrane,
  people: IconUsers,
  service: IconApi,
} as const;

interface Screen {
  readonly name: string;
  readonly path: string;
  readonly group: string;
  readonly icon: typeof IconScan;
  /** The operation that a user must be allowed to see the screen in the menu. */
  readonly needs: Operation;
}

export type ScreenName = (typeof SCREENS)[number]["name"];

const FIRST: Record<Role, ScreenName> = {
  manager: "today",
  engineer: "scan",
  admin: "operations",
  executive: "reports",
  customer: "reports",
  user: "operations",
};
const CHOSEN = "shopfloor.start";
const ENGINEER_START = "shopfloor.place";

export const screensOf = (roles: readonly Role[]) => SCREENS.filter((screen) => allowed(roles, screen.needs));

/** Always start with this screen in this browser. */
export const startWith = (name: ScreenName) => window.localStorage.setItem(CHOSEN, name);

/** Remember where an engineer works: at the line or at the building site. */
export function visited(path: string) {
  const name = SCREENS.find((screen) => path.startsWith(screen.path))?.name;
  if (name === "scan" || name === "construction") window.localStorage.setItem(ENGINEER_START, name);
}

/** The path of the screen that a user starts with: the chosen one, else that of the first role in the order of FIRST. */
export function startOf(roles: readonly Role[], open: boolean): (typeof SCREENS)[number]["path"] {
  const shown = screensOf(roles);
  const role = (Object.keys(FIRST) as Role[]).find((one) => roles.includes(one));
  const remembered = role === "engineer" ? window.localStorage.getItem(ENGINEER_START) : null;
  const wanted = [window.localStorage.getItem(CHOSEN), remembered, open ? "today" : role && FIRST[role]];
  const found = wanted.map((name) => shown.find((screen) => screen.name === name)).find((screen) => screen);
  return (found ?? shown[0] ?? SCREENS[0]).path;
}
