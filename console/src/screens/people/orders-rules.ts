/** Rules of orders: sums, moves, periods. */
import dayjs from "dayjs";
import type { Schema } from "../../api/client";
import type { Tone } from "../../ui/status";

export type Order = Schema<"OrderView">;
export type OrderStatus = Order["status"];

/** A line of an order while it is being filled in. */
export interface Line {
  readonly product: string;
  readonly quantity: number | string;
  readonly price: number | string;
}

/** The limits of the API for an order. */
export const MOST = { lines: 100, quantity: 10_000, price: 1_000_000 } as const;

export const EMPTY: Line = { product: "", quantity: 1, price: "" };

/** The statuses in their order, with their colours. */
export const STATUSES = {
  created: "waiting",
  in_progress: "running",
  completed: "good",
  cancelled: "ended",
} as const satisfies Record<OrderStatus, Tone>;

/** Where an order may go, as docs/orders.md has it. */
export const MOVES: Record<OrderStatus, readonly OrderStatus[]> = {
  created: ["in_progress", "cancelled"],
  in_progress: ["completed", "cancelled"],
  completed: [],
  cancelled: [],
};

export const isStatus = (text: string | undefined): text is OrderStatus => text !== undefined && text in STATUSES;

/** The price of a line in kopecks. */
const kopecks = ({ quantity, price }: Line) => Math.round(Number(price) * 100) * Number(quantity);

/** The price of all lines. */
export const amountOf = (lines: readonly Line[]) => lines.reduce((sum, line) => sum + kopecks(line), 0) / 100;

/** Lines as the API takes them. */
export const sent = (lines: readonly Line[]) =>
  lines.map(({ product, quantity, price }) => ({
    product: product.trim(),
    quantity: Number(quantity),
    price: Number(price),
  }));

/** The moments between which orders were made on these days, in the zone of the browser. */
export const periodOf = (from: string | undefined, to: string | undefined) => ({
  ...(from && { created_from: dayjs(from).startOf("day").toISOString() }),
  ...(to && { created_to: dayjs(to).endOf("day").toISOString() }),
});
