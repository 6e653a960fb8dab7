/** Sending a file of batches, and having it checked or imported. */
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

/** A file that was chosen, as it was at that moment: it is what was looked into, whatever is done to it on the disk. */
export interface Chosen {
  readonly file: File;
  readonly sheet: Sheet | undefined;
}

/** Why a file is not taken, as the key of a text; undefined when it is. */
export function refusal({ name, size }: Pick<File, "name" | "size">) {
  if (/\.xls$/i.test(name)) return "oldExcel";
  if (!/\.(xlsx|csv)$/i.test(name)) return "wrongType";
  if (size > MOST_BYTES) return "tooLarge";
  return size === 0 ? "emptyFile" : undefined;
}

/** Read a file and look into it. */
export async function choose(given: File): Promise<Chosen> {
  const file = new File([await given.arrayBuffer()], given.name, { type: given.type });
  return { file, sheet: await look(file) };
}

/**
 * Sends a file and starts tasks with it. It goes past the API, whose requests carry less than a file may have, and goes
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
      setSent(undefined); // the next try sends it again, wherever this one ended
      setError(refused);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { start, busy, error, forget: () => setError(undefined) };
}

/** Announce a file to the API and send it where the API said; the name of the upload. */
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
