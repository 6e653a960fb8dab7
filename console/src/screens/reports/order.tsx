import { Modal, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { client, requireBody, type Schema } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useSending } from "../../ui/form";
import { notifySuccess } from "../../ui/notify";
import { Submit } from "../../ui/submit";
import { ReportFields, useChosen, useName, useReportForm } from "./fields";
import { blank, parametersFrom, type ReportValues } from "./rules";
import { useText } from "./texts";

/** The form that orders a report; opens the page of the report. */
export function OrderReport({ onClose, from }: { readonly onClose: () => void; readonly from?: ReportValues }) {
  const text = useText();
  return (
    <Modal opened onClose={onClose} title={text("order")} size="lg">
      <Form onClose={onClose} from={from ?? blank()} />
    </Modal>
  );
}

function Form({ onClose, from }: { readonly onClose: () => void; readonly from: ReportValues }) {
  const text = useText();
  const navigate = useNavigate();
  const post = useIdempotentPost();
  const form = useReportForm(from);
  const chosen = useChosen(form);
  const name = useName(form);
  const { busy, error, send } = useSending(form);
  const submit = form.onSubmit((values) =>
    send(async () => {
      const body = bodyOf(values, values.name.trim() || name, chosen?.base_template_id);
      const { data } = await post(body, (headers) => client.POST("/api/v1/reports", { body, headers }));
      notifySuccess(text("ordered"));
      onClose();
      void navigate({ to: "/reports/$id", params: { id: String(requireBody(data).id) } });
    }),
  );
  return (
    <form noValidate onSubmit={submit}>
      <Stack>
        <ReportFields form={form} />
        <Submit error={error} busy={busy} label={text("order")} onCancel={onClose} />
      </Stack>
    </form>
  );
}

/** The request body of a report; also the payload of a schedule. */
export function bodyOf(
  values: ReportValues,
  name: string,
  base: number | undefined,
  zone = Intl.DateTimeFormat().resolvedOptions().timeZone,
): Schema<"ReportCreate"> {
  return {
    name,
    template_id: Number(values.template),
    parameters: parametersFrom(values, base, zone),
    format: values.format,
    ...(values.recipients.length > 0 && { recipients: values.recipients }),
  };
}
