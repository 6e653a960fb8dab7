/** The client of the API, typed by its description: a call that does not fit docs/openapi.json does not compile. */
import { keepPreviousData, type UseQueryResult } from "@tanstack/react-query";
import createFetchClient from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { address, base } from "./base";
import { errorOf } from "./errors";
import { call } from "./fetching";
import type { components, paths } from "./schema";

export const client = createFetchClient<paths>({ baseUrl: base, fetch: call });

/** `api.useQuery("get", "/api/batches", {params: ...}, {refetchInterval: FAST_POLL_MS})`, `api.useMutation(...)`. */
export const api = createQueryClient(client);

/** While the page is visible: how often to ask for what runs, and for everything else; milliseconds. */
export const FAST_POLL_MS = 2_000;
export const SLOW_POLL_MS = 15_000;

type Gets = { [Path in keyof paths]: paths[Path] extends { get: object } ? Path : never }[keyof paths];
type Parameters<Path extends Gets> = paths[Path]["get"] extends { parameters: infer Given } ? Given : never;
type Answer<Path extends Gets> = paths[Path]["get"] extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

type Interval<Data> = number | ((data: Data | undefined) => number);

/** The answer of a path of the API, read again every `interval` milliseconds. */
export function useLive<Path extends Gets>(
  path: Path,
  params: Parameters<Path>,
  interval: Interval<Answer<Path>> = SLOW_POLL_MS,
) {
  return useTyped(path, params, interval, {});
}

/** The same for a list: while another page of it is read, the last one stays and is marked `isPlaceholderData`. */
export function useList<Path extends Gets>(
  path: Path,
  params: Parameters<Path>,
  interval: Interval<Answer<Path>> = SLOW_POLL_MS,
) {
  return useTyped(path, params, interval, { placeholderData: keepPreviousData });
}

/** `api.useQuery` with the types that follow from the path. */
function useTyped<Path extends Gets>(
  path: Path,
  params: Parameters<Path>,
  interval: Interval<Answer<Path>>,
  options: object,
) {
  const refetchInterval = ({ state }: { readonly state: { readonly data?: unknown } }) =>
    typeof interval === "number" ? interval : interval(state.data as Answer<Path> | undefined);
  const init = { params: params as object };
  const query: unknown = api.useQuery("get", path as "/api/batches", init, { refetchInterval, ...options });
  return query as UseQueryResult<Answer<Path>, Error>;
}

/** A schema of the API by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** Return the body of a successful response. */
export function requireBody<Data>(data: Data | undefined): Data {
  if (data === undefined) throw new Error("the API answered without a body");
  return data;
}

/** Return the data of a response with its ETag, for the If-Match of a later change. */
export async function withEtag<Data>(answer: Promise<{ data?: Data; response: Response }>) {
  const { data, response } = await answer;
  return { data: requireBody(data), etag: response.headers.get("ETag") ?? "" };
}

/** Return the content of a file of the API; follows redirects. */
export async function content(path: string): Promise<{ blob: Blob; name: string }> {
  const response = await call(new Request(address(path), { headers: { Accept: "*/*" } }));
  const named = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return { blob: await response.blob(), name: decodeURIComponent(named ?? path.split("/").pop() ?? "file") };
}

/** Upload a file to an address of the API's response, e.g. a presigned one, without the token. */
export async function send(url: string, body: Blob, headers: HeadersInit = {}) {
  const response = await fetch(url, { method: "PUT", body, headers });
  if (!response.ok) throw await errorOf(response);
}
