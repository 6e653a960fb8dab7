import { createRoute } from "@tanstack/react-router";
import { screen } from "../../app/root";

export const today = createRoute({ ...screen("/today", () => import("./today"), "Today") });
