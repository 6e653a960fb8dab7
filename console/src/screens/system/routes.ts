import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";

export const system = createRoute({ ...screen("/system", () => import("./system"), "System") });
