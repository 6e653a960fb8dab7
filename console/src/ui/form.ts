/** Sending forms: what the API refuses stands at the field it names. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../api/errors";
import { notifyError, notifySuccess } from "./notify";

interface Fields {
  readonly getValues: () => object;
  readonly setErrors: (errors: Record<string, string>) => void;
}

/** The errors of the API by field of a form; undefined when one of them is about something that the form has not. */
export function errorsOf(error: unknown, values: object): Record<string, string> | undefined {
  if (!(error instanceof ApiError) || error.fields.length === 0) return undefined;
  if (error.fields.some(({ field }) => !((field.split(".")[0] ?? "") in values))) return undefined;
  return Object.fromEntries(error.fields.map(({ field, message }) => [field, message]));
}

/** Sends a form: `busy` meanwhile; what is not about one of its fields is `error`. Everything shown is asked for again. */
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

/** Does what a button says, tells how it went, and asks again for everything shown. Answers whether it was done. */
export function useAction() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const act = async <Answer>(
    what: () => Promise<Answer>,
    said: string | ((answer: Answer) => string),
  ): Promise<boolean> => {
    setBusy(true);
    try {
      const answer = await what();
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
