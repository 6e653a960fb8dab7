/** The history of a batch in words, the newest first. */
import { Button, Center } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { client, requireBody, SLOW_POLL_MS } from "../../api/client";
import { Loaded } from "../../ui/state";
import { useBatchText } from "./batch-texts";
import { stepsOf } from "./history";
import type { Batch } from "./parts";
import { Steps } from "./steps";

const PAGE = 50;
const REFRESHED_PAGES = 2;

async function read(id: string, cursor: string | null) {
  const query = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
  const answer = await client.GET("/api/batches/{batch_id}/events", { params: { path: { batch_id: id }, query } });
  return requireBody(answer.data);
}

export function Timeline({ batch }: { readonly batch: Batch }) {
  const text = useBatchText();
  const query = useInfiniteQuery({
    queryKey: ["batch events", batch.uuid],
    queryFn: ({ pageParam }) => read(batch.uuid, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= REFRESHED_PAGES ? SLOW_POLL_MS : false),
  });
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const steps = stepsOf(pages.flatMap((page) => page.items));
        return (
          <>
            <Steps steps={steps} more={query.hasNextPage} />
            {query.hasNextPage && (
              <Center mt="sm">
                <Button
                  variant="default"
                  size="xs"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {text("more")}
                </Button>
              </Center>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
