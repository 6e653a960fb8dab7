/** Who did what to a defect, and when; newest first. */
import { Button, Text, Timeline } from "@mantine/core";
import { useState } from "react";
import { useList } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Panel } from "../../ui/panel";
import { Loaded } from "../../ui/state";
import { useText as useCommon } from "../../ui/texts";
import { Time } from "../../ui/time";
import { changeText } from "./change-text";
import { useText } from "./texts";
import type { Defect, Entry } from "./words";

const STEP = 10;
const MOST = 100;

export function History({ defect }: { readonly defect: Defect }) {
  const text = useText();
  const common = useCommon();
  const [limit, setLimit] = useState(STEP);
  const query = useList("/api/v1/defects/{defect_id}/history", { path: { defect_id: defect.id }, query: { limit } });
  return (
    <Panel title={text("history")} heading="h5">
      <Loaded query={query}>
        {({ items, total }) => (
          <>
            <Timeline bulletSize={14} lineWidth={2}>
              {items.map((entry) => (
                <Timeline.Item key={entry.number} title={text(`did_${entry.action}`)}>
                  <Changes entry={entry} />
                </Timeline.Item>
              ))}
            </Timeline>
            {total > items.length && limit < MOST && (
              <Button variant="subtle" size="xs" mt="xs" onClick={() => setLimit(MOST)}>
                {common("more")}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Changes({ entry }: { readonly entry: Entry }) {
  const text = useText();
  const format = useFormat();
  return (
    <>
      {entry.changes.map((change) => (
        <Text key={change.field} size="sm" style={{ overflowWrap: "anywhere" }}>
          {changeText(change, text, format.day)}
        </Text>
      ))}
      {entry.comment && (
        <Text size="sm" fs="italic" style={{ overflowWrap: "anywhere" }}>
          «{entry.comment}»
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {entry.by.name} · <Time value={entry.at} />
      </Text>
    </>
  );
}
