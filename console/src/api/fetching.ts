/** How requests go out: with the token, in the language of the user, and with what an earlier answer was tagged. */
import { errorOf, NoNetwork } from "./errors";

const KEPT = 200;
/** The code of a 401 that is about a password that was typed, not about the token. */
const WRONG_PASSWORD = "INVALID_CREDENTIALS";
const kept = new Map<string, { readonly tag: string; readonly body: string; readonly headers: Headers }>();

let token: string | undefined;
let language = "ru";
let lost: () => void = () => undefined;

/** From now on requests carry this token; what was kept for another user is removed. */
export function useToken(given: string | undefined) {
  token = given;
  kept.clear();
}

/** The language of the messages that the API answers. */
export function speak(given: string) {
  language = given;
}

/** What happens when the API says that nobody is logged in (any more). */
export function onLogout(then: () => void) {
  lost = then;
}

/**
 * `fetch` for the API. An answer to GET with an ETag is kept, and asked for again with If-None-Match: polling what did
 * not change costs an answer without a body. Anything but success is thrown as ApiError, no network as NoNetwork.
 */
export async function call(request: Request): Promise<Response> {
  request.headers.set("Accept-Language", language);
  if (!request.headers.has("Accept")) {
    request.headers.set("Accept", "application/problem+json, application/json;q=0.9, */*;q=0.5");
  }
  if (token && !request.headers.has("Authorization")) request.headers.set("Authorization", `Bearer ${token}`);
  const before = request.method === "GET" ? kept.get(request.url) : undefined;
  if (before) request.headers.set("If-None-Match", before.tag);
  const sent = token;
  let response: Response;
  try {
    response = await fetch(request);
    if (isKept(request, response)) response = await keep(request, response);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new NoNetwork();
  }
  if (response.status === 304 && before) return new Response(before.body, { headers: before.headers });
  if (!response.ok) {
    const error = await errorOf(response);
    if (error.status === 401 && error.code !== WRONG_PASSWORD && sent === token) lost();
    throw error;
  }
  return response;
}

const isKept = (request: Request, { ok, headers }: Response) =>
  ok && request.method === "GET" && headers.has("ETag") && (headers.get("Content-Type")?.includes("json") ?? false);

/** Keep an answer once its body is there whole: a request that is given up meanwhile leaves nothing behind. */
async function keep(request: Request, response: Response): Promise<Response> {
  const [body, { headers }] = [await response.text(), response];
  kept.delete(request.url);
  kept.set(request.url, { tag: headers.get("ETag") ?? "", body, headers });
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return new Response(body, { status: response.status, headers });
}
