/** The form of a subscription: its values and their errors. */
import type { Schema } from "../../api/client";
import type { Subscription } from "./data";

export interface Fields {
  readonly [name: string]: unknown;
  readonly url: string;
  readonly events: string[];
  readonly retry_count: number;
  readonly timeout: number;
  readonly notify_email: string;
}

export const BLANK: Fields = { url: "", events: [], retry_count: 3, timeout: 10, notify_email: "" };

export const fieldsOf = ({ url, events, retry_count, timeout, notify_email }: Subscription): Fields => ({
  url,
  events: [...events].sort(),
  retry_count,
  timeout,
  notify_email: notify_email ?? "",
});

/** Whether a text may be the address of a receiver; the API knows better. */
export const isAddress = (url: string) => /^https?:\/\/[^\s/]+/.test(url.trim());

/** The request body of the form. */
export const bodyOf = (fields: Partial<Fields>) => fields as Schema<"SubscriptionPatch">; // names are those of the catalogue
