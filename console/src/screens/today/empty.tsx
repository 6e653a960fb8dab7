/** First steps on a site without batches. */
import { Button, Group, Paper, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBuildingFactory2, IconClipboardList, IconFileImport, IconScan } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../app/session";
import { CentersDialog } from "../batches/centers-dialog";
import { NewBatch } from "../batches/new";
import { useText } from "./texts";

export default function Empty() {
  const text = useText();
  const may = useMay();
  const [centers, showCenters] = useDisclosure();
  const [creating, create] = useDisclosure();
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} maw={820}>
      <Title order={2} size="h3">
        {text("emptyTitle")}
      </Title>
      <Text c="dimmed" mb="lg">
        {text("emptyHint")}
      </Text>
      <Stack component="ol" p={0} m={0} gap="lg" style={{ listStyle: "none" }}>
        {may("POST /api/work_centers") && (
          <Step icon={IconBuildingFactory2} title={text("stepCenter")} hint={text("stepCenterHint")}>
            <Button onClick={showCenters.open}>{text("create")}</Button>
          </Step>
        )}
        {may("POST /api/batches/import") && (
          <Step icon={IconFileImport} title={text("stepImport")} hint={text("stepImportHint")}>
            <Button variant="default" component={Link} to="/exchange">
              {text("upload")}
            </Button>
          </Step>
        )}
        {may("POST /api/batches") && (
          <Step icon={IconClipboardList} title={text("stepBatch")} hint={text("stepBatchHint")}>
            <Button variant="default" onClick={create.open}>
              {text("create")}
            </Button>
          </Step>
        )}
        {may("POST /api/batches/{batch_id}/products") && (
          <Step icon={IconScan} title={text("stepScan")} hint={text("stepScanHint")}>
            <Button variant="default" component={Link} to="/scan">
              {text("scan")}
            </Button>
          </Step>
        )}
      </Stack>
      <CentersDialog opened={centers} onClose={showCenters.close} />
      <NewBatch opened={creating} onClose={create.close} />
    </Paper>
  );
}

interface StepProps {
  readonly icon: typeof IconScan;
  readonly title: string;
  readonly hint: string;
  readonly children: ReactNode;
}

function Step({ icon: Icon, title, hint, children }: StepProps) {
  return (
    <Group component="li" wrap="nowrap" align="flex-start">
      <ThemeIcon size={44} radius="xl" variant="light" style={{ flexShrink: 0 }}>
        <Icon aria-hidden />
      </ThemeIcon>
      <Group justify="space-between" flex={1} gap="xs">
        <div>
          <Text fw={600}>{title}</Text>
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        </div>
        {children}
      </Group>
    </Group>
  );
}
