/** Events of a batch in words, for its page and for the trace of a code. */
import { Timeline as Line, Text } from "@mantine/core";
import {
  IconBox,
  IconFileText,
  IconFlag,
  IconLock,
  IconLockOpen,
  IconMail,
  IconPackage,
  IconTrash,
} from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";
import { api } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Download } from "../../ui/download";
import { Code } from "../../ui/shown-code";
import { Time } from "../../ui/time";
import { useBatchText } from "./batch-texts";
import { dataOf, type LoggedEvent, type Step } from "./history";

const ICONS: Readonly<Record<string, typeof IconBox>> = {
  "batch.created": IconFlag,
  "batch.closed": IconLock,
  "batch.opened": IconLockOpen,
  "batch.deleted": IconTrash,
  "batch.product_added": IconPackage,
  "batch.product_removed": IconTrash,
  "batch.aggregated": IconBox,
  "product.aggregated": IconBox,
  "batch.report_generated": IconFileText,
  "batch.report_mail_requested": IconMail,
};

/** The steps as a line; `more` says that the last of them may be longer than what is known. */
export function Steps({ steps, more = false }: { readonly steps: readonly Step[]; readonly more?: boolean }) {
  return (
    <Line active={steps.length} bulletSize={26} lineWidth={2} color="cyan" role="list">
      {steps.map((step, index) => {
        const Icon = ICONS[step.kind] ?? IconFlag;
        return (
          <Line.Item key={step.id} role="listitem" bullet={<Icon size={14} aria-hidden />}>
            <StepText step={step} more={more && index === steps.length - 1} />
            <Text size="xs" c="dimmed">
              <Time value={step.events[0]?.occurred_at} />
            </Text>
          </Line.Item>
        );
      })}
    </Line>
  );
}

function StepText({ step, more }: { readonly step: Step; readonly more: boolean }) {
  const text = useBatchText();
  const { number } = useFormat();
  const [last, first] = [step.events[0], step.events.at(-1)];
  if (!last || !first) return null;
  const count = step.events.length;
  const times = { count, shown: `${number(count)}${more ? "+" : ""}` };
  switch (step.kind) {
    case "batch.created":
      return <Line1>{text("batchCreated")}</Line1>;
    case "batch.closed":
      return <Line1>{text("batchClosed")}</Line1>;
    case "batch.opened":
      return <Line1>{text("batchOpened")}</Line1>;
    case "batch.deleted":
      return <Line1>{text("batchDeleted")}</Line1>;
    case "batch.product_added":
      return <Line1 codes={[first, last]}>{text("added", times)}</Line1>;
    case "batch.product_removed":
      return <Line1 codes={[first, last]}>{text("removed", times)}</Line1>;
    case "product.aggregated":
      return <Line1>{text("packed", times)}</Line1>;
    case "batch.aggregated":
      return <Line1>{text("batchPacked", { shown: number(Number(dataOf(last, "count") ?? 0)) })}</Line1>;
    case "batch.report_generated":
      return <ReportStep event={last} />;
    case "batch.report_mail_requested":
      return <Line1>{text("reportMailed", { to: dataOf(last, "user_email") })}</Line1>;
    default:
      return <Described name={step.kind} />;
  }
}

function Line1({ children, codes = [] }: { readonly children: ReactNode; readonly codes?: readonly LoggedEvent[] }) {
  const named = [...new Set(codes.map((event) => dataOf(event, "unique_code")))].filter(Boolean);
  return (
    <>
      <Text size="sm">{children}</Text>
      {named.length > 0 && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {named.map((code, index) => (
            <Fragment key={String(code)}>
              {index > 0 && " … "}
              <Code>{String(code)}</Code>
            </Fragment>
          ))}
        </Text>
      )}
    </>
  );
}

function ReportStep({ event }: { readonly event: LoggedEvent }) {
  const text = useBatchText();
  const format = String(dataOf(event, "report_type") ?? "").toUpperCase();
  const path = dataOf(event, "file_url");
  const kept = new Date(String(dataOf(event, "expires_at"))) > new Date();
  if (typeof path !== "string" || !kept) return <Line1>{text("reportGone", { format })}</Line1>;
  return (
    <>
      <Line1>{text("reportMade", { format })}</Line1>
      <Download path={path} size="compact-xs" my={4} />
    </>
  );
}

/** An event that has no words here: as the catalogue of the API describes it. */
function Described({ name }: { readonly name: string }) {
  const { data } = api.useQuery("get", "/api/events", {}, { staleTime: Number.POSITIVE_INFINITY });
  return <Line1>{data?.items.find((type) => type.name === name)?.description ?? name}</Line1>;
}
