import { Box, Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconEye } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { content } from "../../api/client";
import { Failure, Loading } from "../../ui/state";
import type { Report } from "./rules";
import { useText } from "./texts";

/** Shows the PDF of a report in the viewer of the browser; for browsers that have one. */
export function Preview({ report }: { readonly report: Report }) {
  const text = useText();
  const [opened, { open, close }] = useDisclosure();
  if (!window.navigator.pdfViewerEnabled) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconEye size={16} aria-hidden />} onClick={open}>
        {text("open")}
      </Button>
      <Modal opened={opened} onClose={close} title={report.name} size="90%" centered>
        <Pages report={report} />
      </Modal>
    </>
  );
}

function Pages({ report }: { readonly report: Report }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["report file", report.id, report.md5_hash],
    queryFn: () => content(`/api/v1/reports/${report.id}/download`),
  });
  const address = useAddress(data?.blob);
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!address) return <Loading />;
  return <Box component="iframe" src={address} title={report.name} w="100%" h="80vh" bd={0} />;
}

/** The address of a file in memory, for as long as it is shown. */
function useAddress(file: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!file) return;
    const made = URL.createObjectURL(new Blob([file], { type: "application/pdf" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
