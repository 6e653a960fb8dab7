import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "../../api/client";
import { EditForm, useSaving } from "../../ui/merge";
import { notifySuccess } from "../../ui/notify";
import { params, read, type Seen } from "./data";
import { bodyOf, type Fields, fieldsOf } from "./fields";
import { SubscriptionFields, useSubscriptionForm } from "./form";
import { useFormText } from "./form-texts";
import { useText } from "./texts";

const versionOf = ({ data, etag }: Seen) => ({ values: fieldsOf(data), etag });

/** A dialog that changes a subscription. */
export function EditSubscription({ seen, onClose }: { readonly seen: Seen; readonly onClose: () => void }) {
  const text = useText();
  return (
    <Modal opened onClose={onClose} title={text("editTitle")} size="lg" closeOnClickOutside={false}>
      <Form seen={seen} onClose={onClose} />
    </Modal>
  );
}

function Form({ seen, onClose }: { readonly seen: Seen; readonly onClose: () => void }) {
  const text = useFormText();
  const queries = useQueryClient();
  const [base] = useState(() => versionOf(seen));
  const form = useSubscriptionForm({ ...base.values, secret_key: "" }, false);
  const saving = useSaving<Fields>({
    read: async () => versionOf(await read(seen.data.uuid)),
    send: (changes, etag) =>
      client.PATCH("/api/webhooks/{subscription_id}", { params: params({ ...seen, etag }), body: bodyOf(changes) }),
    onSaved: () => {
      notifySuccess(text("saved"));
      void queries.invalidateQueries();
      onClose();
    },
  });
  const labels = {
    ...{ url: text("url"), events: text("events"), retry_count: text("retries"), timeout: text("timeout") },
    notify_email: text("notify"),
  };
  const show = (_: string | number, value: unknown) => (Array.isArray(value) ? value.join(", ") : String(value) || "—");
  const submit = form.onSubmit(({ secret_key: _, ...fields }) => void saving.save(base, fields as Fields));
  return (
    <EditForm
      noValidate
      autoComplete="off"
      saving={saving}
      labels={labels}
      show={show}
      onDiscard={onClose}
      onCancel={onClose}
      onSubmit={submit}
    >
      <SubscriptionFields form={form} />
    </EditForm>
  );
}
