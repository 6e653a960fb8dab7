/** Upload of a file of batches, and the start of its check or import. */
import { useState } from "react";
import { client, requireBody } from "../../api/client";
import { errorOf, NoNetwork } from "../../api/errors";
import { useIdempotentPost } from "../../api/idempotent-post";
import { look, type Sheet } from "./reading";

export const MOST_BYTES = 10 * 1024 * 1024;

export interface ImportOptions {
  readonly dry_run: boolean;
  readonly update_existing: boolean;
}

/** A chosen file with its content at that time, so that the preview and the upload are the same. */
export interface Chosen {
  readonly file: File;
  readonly sheet: Sheet | undefined;
}

/** Why a file is not taken, as the key of a text; undefined when it is. */
export function refusal({ name, size }: Pick<File, "name" | "size">) {
  if (!/\.(xlsx|xlsm|xls|ods|csv|txt|tsv)$/i.test(name)) return "wrongType";
  if (size > MOST_BYTES) return "tooLarge";
  return size === 0 ? "emptyFile" : undefined;
}

/** Read a file and its preview. */
export async function choose(given: File): Promise<Chosen> {
  const file = new File([await given.arrayBuffer()], given.name, { type: given.type });
  return { file, sheet: await look(file) };
}

/**
 * Uploads a file and starts tasks with it. It is uploaded to the bucket, because a request of the API is limited, and
 * once: the check and the import read the same.
 */
export function useImport(chosen: Chosen | undefined) {
  const post = useIdempotentPost();
  const [sent, setSent] = useState<{ readonly file: File; readonly id: string }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const start = async (options: ImportOptions) => {
    if (!chosen) return undefined;
    setBusy(true);
    setError(undefined);
    try {
      const upload_id = sent?.file === chosen.file ? sent.id : await upload(chosen.file);
      setSent({ file: chosen.file, id: upload_id });
      const body = { ...options, upload_id };
      const answer = await post(body, (headers) =>
        client.POST("/api/batches/import", { body, params: { header: headers } }),
      );
      return requireBody(answer.data).task_id;
    } catch (refused) {
      setSent(undefined); // the next attempt uploads it again
      setError(refused);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { start, busy, error, forget: () => setError(undefined) };
}

/** Request an upload form from the API and upload a file; return the id of the upload. */
async function upload(file: File): Promise<string> {
  const answer = await client.POST("/api/batches/import/uploads", { body: { file_name: file.name } });
  const upload = requireBody(answer.data);
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
  form.append("file", file);
  const response = await fetch(upload.url, { method: "POST", body: form }).catch(() => {
    throw new NoNetwork();
  });
  if (!response.ok) throw await errorOf(response);
  return upload.upload_id;
}
