/** Sending again: one delivery, or all that failed since a time. */
import { Button, type ButtonProps, Modal, Radio, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import dayjs from "dayjs";
import { useState } from "react";
import { client, requireBody } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useMay } from "../../app/session";
import { MomentInput } from "../../ui/dates";
import { useAction, useSending } from "../../ui/form";
import { notifyError, notifySuccess, notifyWarning } from "../../ui/notify";
import { Failure } from "../../ui/state";
import { useCauseText } from "./cause-texts";
import type { Subscription } from "./data";
import { useDeliveryText } from "./delivery-texts";
import { causeOf } from "./diagnosis";
import { outcomeOf } from "./outcome";

/** A button that sends a delivery again. */
export function Resend({
  subscription,
  delivery,
  event,
  attempts,
  ...props
}: ButtonProps & {
  readonly subscription: string;
  readonly delivery: string;
  readonly event: string;
  /** How many there were before. */
  readonly attempts: number;
}) {
  const text = useDeliveryText();
  const may = useMay();
  const post = useIdempotentPost();
  const { busy, act } = useAction();
  const follow = useOutcome();
  const path = { subscription_id: subscription, delivery_id: delivery };
  const send = () =>
    post(path, (headers) =>
      client.POST("/api/webhooks/{subscription_id}/deliveries/{delivery_id}/redeliver", { params: { path }, headers }),
    );
  const start = async () => {
    const sent = await act(send, text("resent"));
    if (sent) await follow(path, attempts, event);
  };
  if (!may("POST /api/webhooks/{subscription_id}/deliveries/{delivery_id}/redeliver")) return null;
  return (
    <Button
      size="compact-sm"
      variant="light"
      leftSection={<IconRefresh size={14} aria-hidden />}
      {...props}
      loading={busy}
      aria-label={`${text("resend")}: ${event}`}
      onClick={(click) => {
        click.stopPropagation();
        void start();
      }}
    >
      {text("resend")}
    </Button>
  );
}

/** Notifies of the result of a repeated delivery, also when its button is no longer shown. */
function useOutcome() {
  const text = useDeliveryText();
  const queries = useQueryClient();
  const causes = useCauseText();
  const reason = (error: string | null) => {
    const cause = causeOf(error);
    return cause ? causes(cause) : "";
  };
  return async (path: { subscription_id: string; delivery_id: string }, attempts: number, event: string) => {
    const ask = async () =>
      requireBody(
        (await client.GET("/api/webhooks/{subscription_id}/deliveries/{delivery_id}", { params: { path } })).data,
      );
    try {
      const after = await outcomeOf(ask, attempts);
      if (after?.status === "success") notifySuccess(text("deliveredNow", { event }));
      else if (after) notifyWarning(text("failedAgain", { event }), reason(after.error_message ?? after.reason));
      else notifyWarning(text("stillWaits", { event }));
    } catch (error) {
      notifyError(error);
    }
    void queries.invalidateQueries();
  };
}

/** A button that sends everything again that failed since a time; there where anything has. */
export function ResendFailed({ of, ...props }: ButtonProps & { readonly of: Subscription }) {
  const text = useDeliveryText();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  if (of.health.failed === 0 || !may("POST /api/webhooks/{subscription_id}/redeliver")) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        disabled={!of.is_active}
        title={of.is_active ? undefined : text("resumeFirst")}
        {...props}
        onClick={open}
      >
        {text("resendFailed")}
      </Button>
      <Modal opened={opened} onClose={close} title={text("resendTitle")}>
        <Since id={of.uuid} onDone={close} />
      </Modal>
    </>
  );
}

const SPANS = { hour: 1, day: 24, week: 24 * 7, everything: 24 * 31 } as const; // hours; deliveries are kept for 30 days
type Span = keyof typeof SPANS | "moment";

function Since({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const text = useDeliveryText();
  const post = useIdempotentPost();
  const [span, setSpan] = useState<Span>("day");
  const [moment, setMoment] = useState<string | null>(null);
  const { busy, error, send } = useSending({ getValues: () => ({}), setErrors: () => undefined });
  const submit = async () => {
    const since = span === "moment" ? moment : dayjs().subtract(SPANS[span], "hour").toISOString();
    if (!since) return;
    let count = 0;
    for (let more = true; more; ) {
      const { data } = await post({ since, count }, (headers) =>
        client.POST("/api/webhooks/{subscription_id}/redeliver", {
          params: { path: { subscription_id: id } },
          headers,
          body: { since },
        }),
      );
      const answer = requireBody(data);
      count += answer.redelivered;
      more = answer.more && answer.redelivered > 0;
    }
    notifySuccess(count > 0 ? text("resentAll", { count }) : text("resentNone"));
    onDone();
  };
  const spans: readonly Span[] = ["hour", "day", "week", "everything", "moment"];
  return (
    <Stack>
      <Text size="sm">{text("resendHint")}</Text>
      <Radio.Group label={text("since")} value={span} onChange={setSpan}>
        <Stack gap="xs" mt={6}>
          {spans.map((one) => (
            <Radio key={one} value={one} label={text(one)} />
          ))}
        </Stack>
      </Radio.Group>
      {span === "moment" && (
        <MomentInput aria-label={text("since")} maxDate={new Date()} value={moment} onChange={setMoment} />
      )}
      {error !== undefined && <Failure error={error} />}
      <Button loading={busy} disabled={span === "moment" && !moment} ml="auto" onClick={() => void send(submit)}>
        {text("resend")}
      </Button>
    </Stack>
  );
}
