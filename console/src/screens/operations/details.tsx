/** The details of an operation that depend on its kind. */
import { Code } from "@mantine/core";
import { Download } from "../../ui/download";
import { TextLink } from "../../ui/link";
import { TaskAttempts } from "./attempts";
import type { Details } from "./one";
import { useText } from "./panel-texts";
import type { Operation } from "./rules";
import { SagaLog, Steps } from "./saga";
import { ScheduleDetails } from "./schedule-details";
import { Section } from "./section";

export function DetailsOf({ operation, details }: { readonly operation: Operation; readonly details: Details }) {
  const text = useText();
  switch (details.kind) {
    case "deferred":
      return (
        <>
          <TaskAttempts id={details.of.id} operation={operation} />
          <Payload title={text("payload")} of={details.of.payload} />
        </>
      );
    case "schedule":
      return (
        <>
          <ScheduleDetails schedule={details.of} />
          <Payload title={text("payload")} of={details.of.payload} />
        </>
      );
    case "saga":
      return (
        <>
          <TextLink size="sm" to="/reports/$id" params={{ id: String(details.of.report_id) }}>
            {text("report")}
          </TextLink>
          <Steps saga={details.of} />
          <SagaLog saga={details.of} operation={operation} />
        </>
      );
    case "long":
      return details.of.result && details.of.status === "done" ? (
        <Section title={text("result")}>
          <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {details.of.result}
          </Code>
        </Section>
      ) : null;
    case "background":
      return <BackgroundResult result={details.of.result} />;
  }
}

function BackgroundResult({ result }: { readonly result: Record<string, unknown> | null }) {
  const text = useText();
  if (!result || "error" in result) return null;
  const { download_url: file, ...rest } = result;
  return (
    <>
      {typeof file === "string" && (
        <div>
          <Download path={file}>{text("file")}</Download>
        </div>
      )}
      <Payload title={text("result")} of={rest} />
    </>
  );
}

/** JSON as it is. */
function Payload({ title, of }: { readonly title: string; readonly of: unknown }) {
  return (
    <Section title={title}>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {JSON.stringify(of, null, 2)}
      </Code>
    </Section>
  );
}
