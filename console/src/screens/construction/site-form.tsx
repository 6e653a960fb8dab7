/** Make a site, or change one. */
import { Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { client, requireBody, withEtag } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { Current, type Tagged } from "../../ui/current";
import { notifySuccess } from "../../ui/notify";
import { PersonSelect } from "../../ui/people";
import { Submit } from "../../ui/submit";
import { useRefresh } from "./data";
import { useText } from "./texts";
import type { Site } from "./words";

/** A dialog; with an id it changes that site, as it is when the dialog opens. */
export function SiteForm({ id, onClose }: { readonly id?: string; readonly onClose: () => void }) {
  const text = useText();
  return (
    <Modal opened onClose={onClose} title={text(id ? "editSite" : "newSite")}>
      {id ? <Existing id={id} onClose={onClose} /> : <Fields onClose={onClose} />}
    </Modal>
  );
}

function Existing({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const read = () => withEtag(client.GET("/api/v1/sites/{site_id}", { params: { path: { site_id: id } } }));
  return (
    <Current name={["site", id]} read={read}>
      {(site, again) => <Fields key={site.etag} site={site} onClose={onClose} onAgain={again} />}
    </Current>
  );
}

interface FieldsProps {
  readonly site?: Tagged<Site>;
  readonly onClose: () => void;
  /** Read the site again after another user has changed it. */
  readonly onAgain?: () => void;
}

function Fields({ site, onClose, onAgain }: FieldsProps) {
  const text = useText();
  const form = useForm({
    initialValues: {
      code: site?.data.code ?? "",
      name: site?.data.name ?? "",
      address: site?.data.address ?? "",
      customer_id: site?.data.customer_id ?? null,
      status: site?.data.status ?? ("active" as const),
    },
    validate: {
      code: (value) => (value.trim() ? null : text("required")),
      name: (value) => (value.trim() ? null : text("required")),
    },
  });
  const saving = useSave(site, onClose);
  return (
    <form onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <Stack>
        <TextInput label={text("code")} withAsterisk data-autofocus {...form.getInputProps("code")} />
        <TextInput label={text("name")} withAsterisk {...form.getInputProps("name")} />
        <TextInput label={text("address")} {...form.getInputProps("address")} />
        <PersonSelect
          label={text("customer")}
          placeholder={text("noCustomer")}
          only={(person) => person.roles.includes("customer")}
          value={form.values.customer_id}
          onChange={(id) => form.setFieldValue("customer_id", id)}
          error={form.errors.customer_id}
        />
        <Select
          label={text("status")}
          data={(["active", "finished"] as const).map((value) => ({ value, label: text(value) }))}
          allowDeselect={false}
          {...form.getInputProps("status")}
        />
        <Submit error={saving.error} busy={saving.isPending} label={text("save")} onCancel={onClose} again={onAgain} />
      </Stack>
    </form>
  );
}

type Values = Pick<Site, "code" | "name" | "customer_id" | "status"> & { readonly address: string };

function useSave(site: Tagged<Site> | undefined, onClose: () => void) {
  const text = useText();
  const refresh = useRefresh();
  const post = useIdempotentPost();
  return useMutation({
    mutationFn: async (values: Values) => {
      const body = { ...values, address: values.address.trim() || null };
      if (!site)
        return requireBody((await post(body, (headers) => client.POST("/api/v1/sites", { body, headers }))).data);
      const params = { path: { site_id: site.data.id }, header: { "If-Match": site.etag } };
      const answer = await client.PATCH("/api/v1/sites/{site_id}", { params, body: { ...body, version: null } });
      return requireBody(answer.data);
    },
    onSuccess: async () => {
      await refresh();
      notifySuccess(text("saved"));
      onClose();
    },
  });
}
