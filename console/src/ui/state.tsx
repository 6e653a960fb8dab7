/** The states of a part of a screen: loading, failed, empty. */
import { Alert, Button, Center, Code, CopyButton, Group, List, Loader, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCloudOff, IconInbox, IconLock, IconMoodConfuzed, IconSearchOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError, NoNetwork } from "../api/errors";
import { useText } from "./texts";

export function Loading() {
  const text = useText();
  return (
    <Center p="xl" role="status" aria-label={text("loading")}>
      <Loader />
    </Center>
  );
}

/** An empty state with its reason and an action. */
export function Nothing({ children, action }: { readonly children?: ReactNode; readonly action?: ReactNode }) {
  const text = useText();
  return (
    <Center p="xl">
      <Stack align="center" gap="xs">
        <ThemeIcon size={48} radius="xl" variant="light" color="gray">
          <IconInbox aria-hidden />
        </ThemeIcon>
        <Text c="dimmed" ta="center">
          {children ?? text("nothing")}
        </Text>
        {action}
      </Stack>
    </Center>
  );
}

/** An error: the text of the API, its fields, its request id, and a hint. */
export function Failure({ error, again }: { readonly error: unknown; readonly again?: (() => void) | undefined }) {
  const text = useText();
  const { title, hint, icon } = useMeaning(error);
  const isMistyped = error instanceof ApiError && error.status !== 404 && error.isNotFound;
  return (
    <Alert color={error instanceof NoNetwork ? "gray" : "red"} title={title} icon={icon} role="alert">
      <Stack gap="xs">
        {error instanceof ApiError && error.message !== title && !isMistyped && <Text size="sm">{error.message}</Text>}
        {!(error instanceof ApiError || error instanceof NoNetwork) && <Text size="sm">{String(error)}</Text>}
        {error instanceof ApiError && error.fields.length > 0 && !isMistyped && (
          <List size="sm">
            {error.fields.map((one) => (
              <List.Item key={`${one.field} ${one.message}`}>
                {one.field && <Code>{one.field}</Code>} {one.message}
              </List.Item>
            ))}
          </List>
        )}
        <Text size="sm">{hint}</Text>
        <Group gap="xs">
          {again && !isMistyped && (
            <Button size="xs" variant="default" onClick={again}>
              {text("again")}
            </Button>
          )}
          {error instanceof ApiError && error.requestId && <RequestId id={error.requestId} />}
        </Group>
      </Stack>
    </Alert>
  );
}

function RequestId({ id }: { readonly id: string }) {
  const text = useText();
  return (
    <CopyButton value={id}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          h="auto"
          mih={30}
          styles={{ label: { whiteSpace: "normal", overflowWrap: "anywhere" } }}
          onClick={copy}
        >
          {copied ? text("copied") : `${text("requestId")}: ${id}`}
        </Button>
      )}
    </CopyButton>
  );
}

/** The title, the hint and the icon of an error. */
function useMeaning(error: unknown) {
  const text = useText();
  if (error instanceof NoNetwork)
    return { title: text("noNetwork"), hint: text("noNetworkHint"), icon: <IconCloudOff /> };
  const status = error instanceof ApiError ? error.status : 0;
  if (status === 403) return { title: text("forbidden"), hint: text("forbiddenHint"), icon: <IconLock /> };
  if (error instanceof ApiError && error.isNotFound)
    return { title: text("notFound"), hint: text("notFoundHint"), icon: <IconSearchOff /> };
  const wait = error instanceof ApiError && error.isTemporary ? error.retryAfter : undefined;
  if (wait) return { title: text("failed"), hint: text("waitHint", { seconds: wait }), icon: <IconMoodConfuzed /> };
  const isInput = status >= 400 && status < 500;
  return { title: text("failed"), hint: text(isInput ? "inputHint" : "serverHint"), icon: <IconMoodConfuzed /> };
}

interface Query<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
}

/** The data of a query when they are loaded. After a failed refresh the old data stay, below the error. */
export function Loaded<Data>({
  query,
  children,
}: {
  readonly query: Query<Data>;
  readonly children: (data: Data) => ReactNode;
}) {
  if (query.data === undefined)
    return query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : <Loading />;
  return (
    <>
      {query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : null}
      {children(query.data)}
    </>
  );
}
