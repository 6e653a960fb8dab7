/** One operation: its own record, and its entry in the list of operations. */
import { useQuery } from "@tanstack/react-query";
import { client, FAST_POLL_MS, requireBody, type Schema, SLOW_POLL_MS } from "../../api/client";
import { ApiError } from "../../api/errors";
import { isMoving, type Kind, type Operation } from "./rules";

export type Details =
  | { readonly kind: "background"; readonly created: string; readonly of: Schema<"BackgroundTask"> }
  | { readonly kind: "deferred"; readonly created: string; readonly of: Schema<"DeferredTask"> }
  | { readonly kind: "schedule"; readonly created: string; readonly of: Schema<"ScheduleView"> }
  | { readonly kind: "long"; readonly created: string; readonly of: Schema<"LongTask"> }
  | { readonly kind: "saga"; readonly created: string; readonly of: Schema<"SagaView"> };

async function read(kind: Kind, id: string): Promise<Details> {
  switch (kind) {
    case "background": {
      const { data } = await client.GET("/api/background_tasks/{task_id}", { params: { path: { task_id: id } } });
      return { kind, of: requireBody(data), created: requireBody(data).created_at };
    }
    case "deferred": {
      const { data } = await client.GET("/api/v1/tasks/{task_id}", { params: { path: { task_id: Number(id) } } });
      return { kind, of: requireBody(data).task, created: requireBody(data).task.created_at };
    }
    case "schedule": {
      const { data } = await client.GET("/api/v1/schedules/{schedule_id}", { params: { path: { schedule_id: id } } });
      return { kind, of: requireBody(data).schedule, created: requireBody(data).schedule.created_at };
    }
    case "long": {
      const { data } = await client.GET("/task/{id}", { params: { path: { id: Number(id) } } });
      return { kind, of: requireBody(data), created: requireBody(data).createdAt };
    }
    case "saga": {
      const { data } = await client.GET("/api/v1/sagas/{saga_id}", { params: { path: { saga_id: id } } });
      return { kind, of: requireBody(data), created: requireBody(data).created_at };
    }
  }
}

/** The list cannot be filtered by id, so it is read at the creation time of the operation. */
async function find(kind: Kind, id: string, created: string): Promise<Operation> {
  let cursor: string | null | undefined;
  do {
    const at = { kind: [kind], created_from: created, created_to: created, limit: 100 };
    const { data } = await client.GET("/api/v1/operations", {
      params: { query: { ...at, ...(cursor && { cursor }) } },
    });
    const found = requireBody(data).items.find((one) => one.id === id);
    if (found) return found;
    cursor = requireBody(data).next_cursor;
  } while (cursor);
  throw new ApiError(404, id, undefined, undefined, [], undefined);
}

/** An operation with its own record, polled while it is shown. */
export function useOperation(kind: Kind, id: string) {
  return useQuery({
    queryKey: ["operation", kind, id],
    queryFn: async () => {
      const details = await read(kind, id);
      return { details, operation: await find(kind, id, details.created) };
    },
    refetchInterval: ({ state }) => (state.data && isMoving(state.data.operation) ? FAST_POLL_MS : SLOW_POLL_MS),
  });
}
