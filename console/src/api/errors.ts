/** One field that the API refused; `inPath` where it is a part of the address. */
export interface FieldError {
  readonly inPath?: boolean;
  readonly field: string;
  readonly message: string;
}

/** An error response: the text of the API, and its request id. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string | undefined,
    readonly requestId: string | undefined,
    readonly fields: readonly FieldError[],
    readonly retryAfter: number | undefined,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Whether the record does not exist, or its id is invalid. */
  get isNotFound() {
    return this.status === 404 || this.fields.some(({ inPath }) => inPath);
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 429 || this.status >= 500;
  }
}

/** The network did not carry the request to the API. */
export class NoNetwork extends Error {
  constructor() {
    super("no network");
    this.name = "NoNetwork";
  }
}

interface Problem {
  detail?: unknown;
  title?: unknown;
  code?: unknown;
  errors?: unknown;
}

/** Return the error of a response, from problem details (RFC 9457) or any other body. */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  let problem: Problem = {};
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    problem = { detail: text.slice(0, 300) };
  }
  const retryAfter = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    String(problem.detail || problem.title || response.statusText || response.status),
    typeof problem.code === "string" ? problem.code : undefined,
    response.headers.get("X-Request-Id") ?? undefined,
    fieldsOf(problem.errors),
    retryAfter > 0 ? retryAfter : undefined,
  );
}

function fieldsOf(errors: unknown): FieldError[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error: { loc?: unknown; field?: unknown; msg?: unknown; message?: unknown }) => ({
    ...(Array.isArray(error.loc) && error.loc[0] === "path" && { inPath: true }),
    field: Array.isArray(error.loc) ? error.loc.slice(1).join(".") : String(error.field ?? ""),
    message: String(error.msg ?? error.message ?? ""),
  }));
}
