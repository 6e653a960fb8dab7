/** Doing something with a batch as it was seen. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../../api/errors";
import { notifyError, notifySuccess } from "../../ui/notify";
import { read, type Seen, useRefresh } from "./reading";

export interface Step {
  readonly send: (seen: Seen) => Promise<unknown>;
  readonly message: string;
  /** For what ends the batch: where to go instead of reading it again. */
  readonly after?: () => void;
}

/**
 * Sends a change with the ETag of the shown version. After a change by another user `onOther` gets the current version:
 * the user sees the differences and decides again.
 */
export function useAct(id: string, onOther: (step: Step, now: Seen) => void, onDone?: () => void) {
  const queries = useQueryClient();
  const refresh = useRefresh(id);
  return useMutation({
    mutationFn: async ({ step, seen }: { readonly step: Step; readonly seen: Seen }) => {
      try {
        await step.send(seen);
        return undefined;
      } catch (refused) {
        if (refused instanceof ApiError && refused.status === 412) return read(id);
        throw refused;
      }
    },
    onSuccess: (now, { step }) => {
      if (now) {
        void refresh();
        return onOther(step, now);
      }
      notifySuccess(step.message);
      if (step.after) {
        step.after();
        void queries.invalidateQueries({ queryKey: ["get", "/api/batches"] });
      } else {
        void refresh();
        onDone?.();
      }
    },
    onError: (error) => {
      notifyError(error);
      void refresh();
    },
  });
}
