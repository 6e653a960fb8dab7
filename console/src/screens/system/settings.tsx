import { useFormat } from "../../i18n/format";
import { Facts } from "../../ui/facts";
import { TextLink } from "../../ui/link";
import type { SystemState } from "./rules";
import { useText } from "./texts";

type Given = SystemState["settings"];

const NUMBERS = [
  "deferred_in_flight",
  "listing_shards",
  "counter_shards",
  "log_retention_days",
  "dead_letter_retention_days",
  "delivery_retention_days",
] as const;
const QUOTAS = ["emails", "sms", "callbacks", "long_tasks", "reports", "uploads", "background_tasks"] as const;

/** The daily quotas of a user, with a link to their use. */
export function Quotas({ quotas }: { readonly quotas: Given["daily_quotas"] }) {
  const text = useText();
  const { number } = useFormat();
  return (
    <>
      <Facts facts={QUOTAS.filter((name) => name in quotas).map((name) => [text(name), number(quotas[name])])} />
      <TextLink size="sm" to="/users" search={{ tab: "quotas" }}>
        {text("used")}
      </TextLink>
    </>
  );
}

/** The settings of the deployment. */
export function Settings({ settings }: { readonly settings: Given }) {
  const text = useText();
  const { number } = useFormat();
  const flag = (value: boolean) => text(value ? "yes" : "no");
  return (
    <Facts
      facts={[
        [text("auth_required"), flag(settings.auth_required)],
        [text("registration"), text(settings.registration === "open" ? "registrationOpen" : "registrationClosed")],
        [text("mail_from_set"), flag(settings.mail_from_set)],
        [text("close_requires_aggregation"), flag(settings.close_requires_aggregation)],
        [text("public_url"), settings.public_url ?? text("notSet")],
        [text("cors_origins"), settings.cors_origins.join(", ") || text("notSet")],
        [text("log_level"), settings.log_level],
        ...NUMBERS.map((name) => [text(name), number(settings[name])] as const),
      ]}
    />
  );
}
