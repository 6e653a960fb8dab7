/** The payload of each type of deferred tasks: form values and API values. */

export const TASK_TYPES = ["http_callback", "send_email", "send_sms", "generate_report", "publish_event"] as const;
export type TaskType = (typeof TASK_TYPES)[number];
export const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE"];

/** Everything that a form of any type asks for. */
export const EMPTY = {
  url: "",
  method: "POST",
  data: "",
  to: "",
  subject: "",
  body: "",
  phone: "",
  text: "",
  report: "",
  template: null as string | null,
  event: "",
};
export type Fields = typeof EMPTY;

/** The types that roles may make (docs/deferred-tasks.md); the API asks again. */
export function typesOf(roles: readonly string[]): TaskType[] {
  if (roles.includes("admin") || roles.includes("manager")) return [...TASK_TYPES];
  if (roles.includes("engineer")) return ["http_callback", "generate_report"];
  return roles.includes("user") ? ["generate_report"] : [];
}

/** A text as JSON; a text that is none is sent as it is, nothing as null. */
export function dataOf(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The payload of a type, of what the form says. */
export function payloadOf(type: TaskType, fields: Fields): Record<string, unknown> {
  switch (type) {
    case "http_callback": {
      const data = dataOf(fields.data);
      return { url: fields.url.trim(), method: fields.method, ...(data !== null && { data }) };
    }
    case "send_email":
      return {
        to: fields.to.trim(),
        ...(fields.subject.trim() && { subject: fields.subject.trim() }),
        body: fields.body,
      };
    case "send_sms":
      return { phone: fields.phone.trim(), text: fields.text };
    case "generate_report":
      return { name: fields.report.trim(), template_id: Number(fields.template) };
    case "publish_event":
      return { name: fields.event.trim(), detail: dataOf(fields.data) };
  }
}

const NEEDED: Record<TaskType, readonly (keyof Fields)[]> = {
  http_callback: ["url"],
  send_email: ["to"],
  send_sms: ["phone", "text"],
  generate_report: ["report", "template"],
  publish_event: ["event"],
};

/** The fields that have to be filled in and are not, each with the words that say so. */
export function missing(type: TaskType, fields: Fields, words: string): Partial<Record<keyof Fields, string>> {
  return Object.fromEntries(NEEDED[type].filter((name) => !fields[name]?.trim()).map((name) => [name, words]));
}
