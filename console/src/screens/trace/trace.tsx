/** The trace of a code that was typed, pasted or scanned; the code is in the address, so that the page can be shared. */
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { client, requireBody, SLOW_POLL_MS } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Page } from "../../ui/page";
import { Code } from "../../ui/shown-code";
import { Loaded, Nothing } from "../../ui/state";
import { useScanner } from "../scan/scanning";
import { CodeField } from "./field";
import { Found } from "./found";
import { trace } from "./routes";
import { useText } from "./texts";
import classes from "./trace.module.css";

const PAGE = 10;

async function read(code: string, cursor: string | null) {
  const query = cursor === null ? { code, limit: PAGE } : { code, limit: PAGE, cursor };
  return requireBody((await client.GET("/api/trace", { params: { query } })).data);
}

export function Trace() {
  const text = useText();
  const { code } = trace.useSearch();
  const navigate = useNavigate();
  const show = (next: string) => void navigate({ to: "/trace", search: { code: next } });
  useScanner(show);
  return (
    <Page
      title={text("title")}
      hint={<span className={classes.onScreen}>{text("hint")}</span>}
      actions={
        code && (
          <Button
            variant="default"
            className={classes.onScreen ?? ""}
            leftSection={<IconPrinter size={16} aria-hidden />}
            onClick={() => window.print()}
          >
            {text("print")}
          </Button>
        )
      }
    >
      <CodeField key={code ?? ""} code={code} onCode={show} />
      {code ? (
        <Results code={code} />
      ) : (
        <Paper withBorder>
          <Nothing>{text("ready")}</Nothing>
        </Paper>
      )}
    </Page>
  );
}

function Results({ code }: { readonly code: string }) {
  const text = useText();
  const { exact } = useFormat();
  const query = useInfiniteQuery({
    queryKey: ["trace", code],
    queryFn: ({ pageParam }) => read(code, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: SLOW_POLL_MS,
  });
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        const total = pages[0]?.total ?? 0;
        if (items.length === 0)
          return (
            <Paper withBorder>
              <Nothing action={<Text size="sm">{text("noneHint")}</Text>}>
                {text("none")}: <Code className={classes.code ?? ""}>{code}</Code>
              </Nothing>
            </Paper>
          );
        return (
          <Stack>
            <div role="status">
              <Text fw={600}>{text("found", { count: total })}</Text>
              <Code className={classes.code ?? ""}>{code}</Code>
              <Text size="sm" c="dimmed" className={classes.onPaper ?? ""}>
                {text("printed", { time: exact(new Date().toISOString()) })}
              </Text>
            </div>
            {items.map((product) => (
              <Found key={product.product_id} product={product} />
            ))}
            {query.hasNextPage && (
              <Group justify="center" className={classes.onScreen ?? ""}>
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {text("more")}
                </Button>
              </Group>
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}
