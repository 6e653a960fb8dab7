/** The templates: ordering by one click; managers and administrators create and change own ones. */
import { ActionIcon, Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { client } from "../../api/client";
import { useMay, useUser } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { useAction } from "../../ui/form";
import { Loading } from "../../ui/state";
import { useTemplates } from "./data";
import { OrderReport } from "./order";
import { blank, namesPeriod, type Template, usable } from "./rules";
import { TemplateDialog } from "./template-form";
import { useText } from "./texts";

type Dialog = { readonly is: "order" | "edit"; readonly template: Template } | { readonly is: "new" };

export function Templates() {
  const text = useText();
  const may = useMay();
  const { roles } = useUser();
  const { templates, isPending } = useTemplates();
  const [dialog, show] = useState<Dialog>();
  const close = () => show(undefined);
  if (isPending) return <Loading />;
  return (
    <Stack>
      {may("POST /api/v1/templates") && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed" maw={560}>
            {text("templateHint")}
          </Text>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => show({ is: "new" })}
          >
            {text("templateNew")}
          </Button>
        </Group>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {usable(templates, roles).map((template) => (
          <TemplateCard
            key={template.id}
            template={template}
            onOrder={() => show({ is: "order", template })}
            onEdit={() => show({ is: "edit", template })}
          />
        ))}
      </SimpleGrid>
      {dialog?.is === "order" && <OrderReport onClose={close} from={orderOf(dialog.template)} />}
      {dialog?.is === "new" && <TemplateDialog onClose={close} />}
      {dialog?.is === "edit" && <TemplateDialog onClose={close} template={dialog.template} />}
    </Stack>
  );
}

const orderOf = (template: Template) => ({
  ...blank(),
  template: String(template.id),
  ...(namesPeriod(template) && { period: "template" }),
});

interface CardProps {
  readonly template: Template;
  readonly onOrder: () => void;
  readonly onEdit: () => void;
}

function TemplateCard({ template, onOrder, onEdit }: CardProps) {
  const text = useText();
  const may = useMay();
  const { templates } = useTemplates();
  const base = templates.find(({ id }) => id === template.base_template_id)?.name;
  return (
    <Card withBorder component="article" aria-label={template.name}>
      <Stack gap="xs" justify="space-between" h="100%">
        <div>
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Title order={2} size="h5" style={{ overflowWrap: "anywhere" }}>
              {template.name}
            </Title>
            {template.is_builtin && (
              <Badge variant="default" tt="none" fw={400} style={{ flexShrink: 0 }}>
                {text("builtIn")}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {template.description || (template.is_builtin ? "" : base)}
          </Text>
        </div>
        <Group justify="space-between">
          {may("POST /api/v1/reports") && (
            <Button size="xs" variant="light" onClick={onOrder} aria-label={`${text("orderThis")}: ${template.name}`}>
              {text("orderThis")}
            </Button>
          )}
          {!template.is_builtin && may("PUT /api/v1/templates/{template_id}") && (
            <Change template={template} onEdit={onEdit} />
          )}
        </Group>
      </Stack>
    </Card>
  );
}

function Change({ template, onEdit }: { readonly template: Template; readonly onEdit: () => void }) {
  const text = useText();
  const { busy, act } = useAction();
  const { id, name } = template;
  const params = { path: { template_id: id } };
  const remove = () =>
    confirm(
      text("remove"),
      <Text size="sm">{text("templateRemove", { name })}</Text>,
      () => void act(() => client.DELETE("/api/v1/templates/{template_id}", { params }), text("templateRemoved")),
      text("remove"),
    );
  return (
    <Group gap="xs">
      <ActionIcon variant="default" aria-label={text("edit", { name })} onClick={onEdit}>
        <IconPencil size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" aria-label={text("removeNamed", { name })} loading={busy} onClick={remove}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
