import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconFileText } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { client, content, requireBody } from "../../api/client";
import { save } from "../../ui/download";
import { notifyError } from "../../ui/notify";
import { useBatchText } from "./batch-texts";
import type { Batch } from "./parts";
import { useRefresh } from "./reading";

/** A button that creates the report on the batch and downloads it. */
export function ReportButton({ batch }: { readonly batch: Batch }) {
  const text = useBatchText();
  const refresh = useRefresh(batch.uuid);
  const make = useMutation({
    mutationFn: async (format: "pdf" | "xlsx") => {
      const answer = await client.POST("/api/batches/{batch_id}/reports/generate", {
        params: { path: { batch_id: batch.uuid }, query: { format } },
      });
      const file = await content(requireBody(answer.data).download_url);
      const name = text("reportFile", { number: batch.batch_number, date: batch.batch_date.slice(0, 10) });
      save(file.blob, `${name}.${format}`);
    },
    onSuccess: () => void refresh(),
    onError: notifyError,
  });
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          loading={make.isPending}
          leftSection={<IconFileText size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {text("report")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => make.mutate("pdf")}>{text("reportPdf")}</Menu.Item>
        <Menu.Item onClick={() => make.mutate("xlsx")}>{text("reportXlsx")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
