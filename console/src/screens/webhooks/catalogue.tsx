import { Button, Card, Stack, Text } from "@mantine/core";
import { useMay } from "../../app/session";
import { Loaded } from "../../ui/state";
import { useCatalogue } from "./data";
import { Grouped, Opened } from "./events";
import { useFormText } from "./form-texts";

/** All events that can be subscribed to, with an example and the schema of each. */
export function Catalogue({ onChoose }: { readonly onChoose: (event: string) => void }) {
  const text = useFormText();
  const may = useMay();
  const query = useCatalogue();
  return (
    <Loaded query={query}>
      {(events) => (
        <Stack gap="xs" maw={860}>
          <Text size="sm" c="dimmed">
            {text("catalogueHint")}
          </Text>
          <Grouped events={events}>
            {(event) => (
              <Card withBorder padding="xs" mt={6}>
                <Opened event={event}>
                  <div style={{ flex: 1 }}>
                    <Text size="sm">{event.description}</Text>
                    <Text size="xs" c="dimmed">
                      {event.name}
                    </Text>
                  </div>
                  {may("POST /api/webhooks") && (
                    <Button
                      size="compact-sm"
                      variant="light"
                      aria-label={`${text("subscribe")}: ${event.name}`}
                      onClick={() => onChoose(event.name)}
                    >
                      {text("subscribe")}
                    </Button>
                  )}
                </Opened>
              </Card>
            )}
          </Grouped>
        </Stack>
      )}
    </Loaded>
  );
}
