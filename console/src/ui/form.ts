/** Submission of forms: errors of the API are shown at their fields. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../api/errors";
import { notifyError, notifySuccess } from "./notify";

interface Fields {
  readonly getValues: () => object;
  readonly setErrors: (errors: Record<string, string>) => void;
}

/** The errors of the API by field of a form; undefined when an error names no field of the form. */
export function errorsOf(error: unknown, values: object): Record<string, string> | undefined {
  if (!(error instanceof ApiError) || error.fields.length === 0) return undefined;
  if (error.fields.some(({ field }) => !((field.split(".")[0] ?? "") in values))) return undefined;
  return Object.fromEntries(error.fields.map(({ field, message }) => [field, message]));
}

/** Sends a form: `busy` while it runs; `error`: an error about no field. Invalidates all queries. */
export function useSending(form: Fields) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const send = async (what: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    try {
      await what();
      void queries.invalidateQueries();
    } catch (refused) {
      const fields = errorsOf(refused, form.getValues());
      if (fields) form.setErrors(fields);
      else setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, send };
}

/**
 * Runs an action, shows a notification of its result, invalidates all queries; returns whether it succeeded.
 * `leave` leaves the screen of what the action deletes: queries under way are cancelled before the action, and all are
 * invalidated only after the screen is left, so that nothing asks for what is deleted.
 */
export function useAction() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const act = async <Answer>(
    what: () => Promise<Answer>,
    said: string | ((answer: Answer) => string),
    leave?: () => Promise<void>,
  ): Promise<boolean> => {
    setBusy(true);
    try {
      if (leave) await queries.cancelQueries();
      const answer = await what();
      await leave?.();
      notifySuccess(typeof said === "string" ? said : said(answer));
      return true;
    } catch (refused) {
      notifyError(refused);
      return false;
    } finally {
      setBusy(false);
      void queries.invalidateQueries();
    }
  };
  return { busy, act };
}
