/** Requests to the API: with the token, the language of the user, and the ETag of an earlier response. */
import { errorOf, NoNetwork } from "./errors";

const KEPT = 200;
/** The code of a 401 about a typed password, not about the token. */
const WRONG_PASSWORD = "INVALID_CREDENTIALS";
const kept = new Map<string, { readonly tag: string; readonly body: string; readonly headers: Headers }>();

let token: string | undefined;
let language = "ru";
let lost: () => void = () => undefined;

/** Send this token from now on; forget the responses stored for another user. */
export function useToken(given: string | undefined) {
  token = given;
  kept.clear();
}

/** The language of the messages that the API answers. */
export function speak(given: string) {
  language = given;
}

/** Called when the API does not accept the token any more. */
export function onLogout(then: () => void) {
  lost = then;
}

/**
 * `fetch` for the API. A response to GET with an ETag is stored, and requested again with If-None-Match: polling of an
 * unchanged record costs a response without a body. Throws ApiError for errors, NoNetwork without a network.
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

/** Store a response when its body is complete: a cancelled request stores nothing. */
async function keep(request: Request, response: Response): Promise<Response> {
  const [body, { headers }] = [await response.text(), response];
  kept.delete(request.url);
  kept.set(request.url, { tag: headers.get("ETag") ?? "", body, headers });
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return new Response(body, { status: response.status, headers });
}
