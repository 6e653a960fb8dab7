/** A defect: facts, photos, comments, history, and the actions of the user. */
import { Button, Grid, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client, SLOW_POLL_MS, withEtag } from "../../api/client";
import { useMay } from "../../app/session";
import { confirm } from "../../ui/confirm";
import { TextLink } from "../../ui/link";
import { notifyError, notifySuccess } from "../../ui/notify";
import { Page } from "../../ui/page";
import { Loaded } from "../../ui/state";
import { Assign } from "./assign";
import { Comments } from "./comments";
import { useRefresh } from "./data";
import { Edit } from "./edit";
import { Facts } from "./facts";
import { History } from "./history";
import { SeverityLabel, StatusLabel } from "./labels";
import { useSteps } from "./move";
import { Photos } from "./photos";
import { useText } from "./texts";
import { type Defect, steps } from "./words";

const route = getRouteApi("/construction/defects/$id");

/** A defect with the tag that a change of it names. */
export interface Tagged {
  readonly data: Defect;
  readonly etag: string;
}

/** The key starts like those of `api`, so that invalidating defects includes this query. */
const useDefect = (id: string) =>
  useQuery({
    queryKey: ["get", "/api/v1/defects/{defect_id}", "tagged", id],
    queryFn: () => withEtag(client.GET("/api/v1/defects/{defect_id}", { params: { path: { defect_id: id } } })),
    refetchInterval: SLOW_POLL_MS,
  });

export function DefectPage() {
  const text = useText();
  const { id } = route.useParams();
  const query = useDefect(id);
  const defect = query.data?.data;
  return (
    <Page
      title={defect?.title ?? text("title")}
      hint={defect && `№ ${defect.number}`}
      actions={query.data && <Actions of={query.data} />}
    >
      <Loaded query={query}>
        {({ data }) => (
          <>
            <Group gap="xs">
              <TextLink size="sm" to="/construction" search={{ view: "table" }}>
                {text("toList")}
              </TextLink>
              <StatusLabel of={data.status} />
              <SeverityLabel of={data.severity} />
            </Group>
            <Grid>
              <Grid.Col span={{ base: 12, md: 7 }}>
                <Stack>
                  {data.description && (
                    <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{data.description}</Text>
                  )}
                  <Photos defect={data} />
                  <Comments defect={data} />
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 5 }}>
                <Stack>
                  <Facts of={data} />
                  <History defect={data} />
                </Stack>
              </Grid.Col>
            </Grid>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ of }: { readonly of: Tagged }) {
  const text = useText();
  const may = useMay();
  const { start, dialog, moving } = useSteps();
  const [opened, setOpened] = useState<"edit" | "assign">();
  const remove = useRemove(of.data);
  const close = () => setOpened(undefined);
  const plain = steps(of.data).filter((step) => !(step.to === "assigned" && step.asks));
  return (
    <>
      {plain.map((step, index) => (
        <Button
          key={step.to}
          variant={index === 0 && !step.asks ? "filled" : "default"}
          loading={moving?.to === step.to}
          disabled={moving !== undefined}
          onClick={() => start(of.data, step)}
        >
          {text(`to_${step.to}`)}
        </Button>
      ))}
      {of.data.can_assign && (
        <Button variant={of.data.assignee ? "default" : "filled"} onClick={() => setOpened("assign")}>
          {text(of.data.assignee ? "reassign" : "assign")}
        </Button>
      )}
      {of.data.can_edit && (
        <Button variant="default" onClick={() => setOpened("edit")}>
          {text("edit")}
        </Button>
      )}
      {may("DELETE /api/v1/defects/{defect_id}") && (
        <Button
          variant="subtle"
          color="red"
          onClick={() =>
            confirm(text("deleteDefect"), text("deleteAsk", of.data as { number: number }), remove, text("removeYes"))
          }
        >
          {text("deleteDefect")}
        </Button>
      )}
      {opened === "edit" && <Edit of={of} onClose={close} />}
      {opened === "assign" && <Assign defects={[of.data]} onClose={close} />}
      {dialog}
    </>
  );
}

function useRemove(defect: Defect) {
  const text = useText();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const { mutate } = useMutation({
    mutationFn: () => client.DELETE("/api/v1/defects/{defect_id}", { params: { path: { defect_id: defect.id } } }),
    onSuccess: async () => {
      await navigate({ to: "/construction", search: { view: "table" } });
      notifySuccess(text("deleted", { number: defect.number }));
      await refresh();
    },
    onError: notifyError,
  });
  return () => mutate();
}
