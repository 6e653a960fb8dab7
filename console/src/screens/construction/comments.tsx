/** The comments of a defect; all who see it may comment. */
import { Button, Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, useList } from "../../api/client";
import { useIdempotentPost } from "../../api/idempotent-post";
import { useMay } from "../../app/session";
import { Panel } from "../../ui/panel";
import { Loaded } from "../../ui/state";
import { Submit } from "../../ui/submit";
import { useText as useCommon } from "../../ui/texts";
import { Time } from "../../ui/time";
import { useRefresh } from "./data";
import { useText } from "./texts";
import type { Defect } from "./words";

const STEP = 20;
const MOST = 100;

export function Comments({ defect }: { readonly defect: Defect }) {
  const text = useText();
  const common = useCommon();
  const may = useMay();
  const [limit, setLimit] = useState(STEP);
  const query = useList("/api/v1/defects/{defect_id}/comments", { path: { defect_id: defect.id }, query: { limit } });
  return (
    <Panel title={text("comment_title")} heading="h5">
      {may("POST /api/v1/defects/{defect_id}/comments") && <Write defect={defect} />}
      <Loaded query={query}>
        {({ items, total }) => (
          <Stack gap="sm">
            {items.length === 0 && (
              <Text size="sm" c="dimmed">
                {text("noComments")}
              </Text>
            )}
            {items.map((comment) => (
              <div key={comment.number}>
                <Text size="sm" c="dimmed">
                  <b>{comment.author.name}</b> · <Time value={comment.created_at} ago />
                </Text>
                <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{comment.text}</Text>
              </div>
            ))}
            {total > items.length && limit < MOST && (
              <Button variant="subtle" size="xs" onClick={() => setLimit(MOST)}>
                {common("more")}
              </Button>
            )}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}

function Write({ defect }: { readonly defect: Defect }) {
  const text = useText();
  const refresh = useRefresh();
  const post = useIdempotentPost();
  const [words, setWords] = useState("");
  const params = { path: { defect_id: defect.id } };
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: { text: string }) =>
      post(body, (headers) => client.POST("/api/v1/defects/{defect_id}/comments", { params, body, headers })),
    onSuccess: async () => {
      setWords("");
      await refresh();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate({ text: words.trim() });
      }}
    >
      <Stack gap="xs" mb="md">
        <Textarea
          label={text("addComment")}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={4000}
        />
        <Submit error={error} busy={isPending} label={text("write")} disabled={!words.trim()} />
      </Stack>
    </form>
  );
}
