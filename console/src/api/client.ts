/** The client of the API, typed by its description: a call that does not fit docs/openapi.json does not compile. */
import createFetchClient from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { address, base } from "./base";
import { errorOf } from "./errors";
import { call } from "./fetching";
import type { components, paths } from "./schema";

export const client = createFetchClient<paths>({ baseUrl: base, fetch: call });

/** `api.useQuery("get", "/api/batches", {params: ...}, {refetchInterval: RUNNING})`, `api.useMutation(...)`. */
export const api = createQueryClient(client);

/** A schema of the API by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** While the page is visible: how often to ask for what runs, and for everything else; milliseconds. */
export const RUNNING = 2_000;
export const CALM = 15_000;

/** The body of an answer. What is no success was thrown before, so it is there. */
export function must<Data>(data: Data | undefined): Data {
  if (data === undefined) throw new Error("the API answered without a body");
  return data;
}

/** What `client.GET` answered, with the tag that a later change names in If-Match. */
export async function tagged<Data>(answer: Promise<{ data?: Data; response: Response }>) {
  const { data, response } = await answer;
  return { data: must(data), etag: response.headers.get("ETag") ?? "" };
}

/** The content of a file of the API; follows the redirect to where the file lies. */
export async function content(path: string): Promise<{ blob: Blob; name: string }> {
  const response = await call(new Request(address(path), { headers: { Accept: "*/*" } }));
  const named = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return { blob: await response.blob(), name: decodeURIComponent(named ?? path.split("/").pop() ?? "file") };
}

/** Put a file where the API said, e.g. to a presigned address; nothing of ours is sent along. */
export async function send(url: string, body: Blob, headers: HeadersInit = {}) {
  const response = await fetch(url, { method: "PUT", body, headers });
  if (!response.ok) throw await errorOf(response);
}
