/** The dialog of work centres: list, create, rename, delete. */
import { ActionIcon, Button, Group, Modal, Stack, Table, Text, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { api, client, withEtag } from "../../api/client";
import { useMay } from "../../app/session";
import { texts } from "../../i18n";
import { confirm } from "../../ui/confirm";
import { EditForm, useSaving } from "../../ui/merge";
import { notifyError, notifySuccess } from "../../ui/notify";
import { Loaded, Nothing } from "../../ui/state";
import { Submit } from "../../ui/submit";
import { useText as useUiText } from "../../ui/texts";
import { titleOf, useForgetWorkCenters, useWorkCenters, type WorkCenter } from "./centers";

const useText = texts(
  "centers",
  {
    title: "Рабочие центры",
    identifier: "Обозначение",
    name: "Название",
    add: "Добавить центр",
    edit: "Изменить «{{name}}»",
    remove: "Удалить «{{name}}»",
    actions: "Действия",
    removeTitle: "Удалить рабочий центр?",
    removeHint:
      "{{name}} исчезнет из списков. Центр, у которого есть партии, удалить нельзя: сначала удалите или перенесите их.",
    removeYes: "Удалить центр",
    removed: "Рабочий центр удалён",
    saved: "Рабочий центр сохранён",
    none: "Рабочих центров пока нет",
    required: "Заполните поле",
  },
  {
    title: "Work centres",
    identifier: "Identifier",
    name: "Name",
    add: "Add work centre",
    edit: "Edit “{{name}}”",
    remove: "Delete “{{name}}”",
    actions: "Actions",
    removeTitle: "Delete the work centre?",
    removeHint: "{{name}} leaves the lists. A work centre with batches cannot be deleted: delete or move them first.",
    removeYes: "Delete work centre",
    removed: "The work centre was deleted",
    saved: "The work centre was saved",
    none: "There are no work centres yet",
    required: "Fill in this field",
  },
);

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
}

type Values = { readonly identifier: string; readonly name: string };

export function CentersDialog({ opened, onClose }: Props) {
  const text = useText();
  const [edited, edit] = useState<WorkCenter | "new">();
  const close = () => {
    edit(undefined);
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={text("title")} size="lg">
      {edited === undefined && <List onEdit={edit} />}
      {edited === "new" && <NewCenter onEnd={() => edit(undefined)} />}
      {edited !== undefined && edited !== "new" && <EditCenter center={edited} onEnd={() => edit(undefined)} />}
    </Modal>
  );
}

function List({ onEdit }: { readonly onEdit: (edited: WorkCenter | "new") => void }) {
  const text = useText();
  const may = useMay();
  const query = useWorkCenters();
  return (
    <Stack>
      <Loaded query={query}>
        {(centers) =>
          centers.length === 0 ? (
            <Nothing>{text("none")}</Nothing>
          ) : (
            <Table verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{text("name")}</Table.Th>
                  <Table.Th>{text("identifier")}</Table.Th>
                  <Table.Th ta="right">{text("actions")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {centers.map((center) => (
                  <Table.Tr key={center.uuid}>
                    <Table.Td style={{ overflowWrap: "anywhere" }}>{center.name}</Table.Td>
                    <Table.Td style={{ overflowWrap: "anywhere" }}>{center.identifier}</Table.Td>
                    <Table.Td>
                      <RowActions center={center} onEdit={() => onEdit(center)} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
      {may("POST /api/work_centers") && (
        <Group justify="flex-end">
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => onEdit("new")}>
            {text("add")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function RowActions({ center, onEdit }: { readonly center: WorkCenter; readonly onEdit: () => void }) {
  const text = useText();
  const may = useMay();
  const forget = useForgetWorkCenters();
  const { name } = center;
  const remove = api.useMutation("delete", "/api/work_centers/{work_center_id}", {
    onSuccess: () => {
      notifySuccess(text("removed"));
      void forget();
    },
    onError: notifyError,
  });
  const ask = () =>
    confirm(
      text("removeTitle"),
      <Text size="sm">{text("removeHint", { name: titleOf(center) })}</Text>,
      () => remove.mutate({ params: { path: { work_center_id: center.uuid } } }),
      text("removeYes"),
    );
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {may("PATCH /api/work_centers/{work_center_id}") && (
        <ActionIcon variant="subtle" aria-label={text("edit", { name })} onClick={onEdit}>
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      )}
      {may("DELETE /api/work_centers/{work_center_id}") && (
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={text("remove", { name })}
          loading={remove.isPending}
          onClick={ask}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

function NewCenter({ onEnd }: { readonly onEnd: () => void }) {
  const text = useText();
  const ui = useUiText();
  const forget = useForgetWorkCenters();
  const create = api.useMutation("post", "/api/work_centers", {
    onSuccess: () => {
      notifySuccess(text("saved"));
      void forget();
      onEnd();
    },
  });
  const form = useCenterForm({ identifier: "", name: "" });
  return (
    <form noValidate onSubmit={form.onSubmit((body) => create.mutate({ body }))}>
      <Stack>
        <CenterFields form={form} />
        <Submit error={create.error} busy={create.isPending} label={ui("save")} onCancel={onEnd} />
      </Stack>
    </form>
  );
}

async function read(id: string) {
  const { data, etag } = await withEtag(
    client.GET("/api/work_centers/{work_center_id}", { params: { path: { work_center_id: id } } }),
  );
  return { values: { identifier: data.identifier, name: data.name }, etag };
}

function EditCenter({ center, onEnd }: { readonly center: WorkCenter; readonly onEnd: () => void }) {
  const text = useText();
  const forget = useForgetWorkCenters();
  const [base] = useState(() => read(center.uuid));
  const saving = useSaving<Values>({
    read: () => read(center.uuid),
    send: (body, etag) =>
      client.PATCH("/api/work_centers/{work_center_id}", {
        params: { path: { work_center_id: center.uuid }, header: { "If-Match": etag } },
        body,
      }),
    onSaved: () => {
      notifySuccess(text("saved"));
      void forget();
      onEnd();
    },
  });
  const form = useCenterForm(center);
  return (
    <EditForm
      noValidate
      saving={saving}
      labels={{ identifier: text("identifier"), name: text("name") }}
      show={(_, value) => String(value)}
      onDiscard={onEnd}
      onCancel={onEnd}
      onSubmit={form.onSubmit((values) => void base.then((version) => saving.save(version, values)).catch(notifyError))}
    >
      <CenterFields form={form} />
    </EditForm>
  );
}

function useCenterForm({ identifier, name }: Pick<WorkCenter, "identifier" | "name">) {
  const text = useText();
  const missing = (value: string) => (value.trim() === "" ? text("required") : null);
  return useForm<Values>({
    initialValues: { identifier, name },
    validate: { identifier: missing, name: missing },
  });
}

function CenterFields({ form }: { readonly form: UseFormReturnType<Values> }) {
  const text = useText();
  return (
    <>
      <TextInput label={text("name")} withAsterisk maxLength={200} data-autofocus {...form.getInputProps("name")} />
      <TextInput label={text("identifier")} withAsterisk maxLength={200} {...form.getInputProps("identifier")} />
    </>
  );
}
