/** Photos and files of a defect: what may be sent, made small enough for a phone's network, and sent. */
import { client, requireBody, type Schema } from "../../api/client";
import { errorOf, NoNetwork } from "../../api/errors";
import type { Attachment } from "./words";

type ContentType = Schema<"AttachmentCreate">["content_type"];

export const MOST_BYTES = 10 * 1024 * 1024;
const LONGEST_SIDE = 2_000; // pixels
const SMALL_ENOUGH = 1_000_000; // bytes: a photo below is sent as it is
const QUALITY = 0.85;

/** The content types that the API accepts, by file extension. */
const TYPES: Readonly<Record<string, ContentType>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  heic: "image/heic",
  pdf: "application/pdf",
  txt: "text/plain",
  csv: "text/csv",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
export const ACCEPTED = Object.keys(TYPES)
  .map((end) => `.${end}`)
  .join(",");

const SHOWN = ["image/jpeg", "image/png", "image/webp"];

/** Whether browsers show it as a picture. */
export const isPicture = (file: Pick<Attachment, "content_type">) => SHOWN.includes(file.content_type);

/** The content type of a file by its name; undefined when the API does not accept it. */
export const typeOf = (name: string) => TYPES[name.split(".").pop()?.toLowerCase() ?? ""];

/** Why a file cannot be sent, as the key of a text; undefined when it can. */
export function refusal(file: Pick<File, "name" | "size" | "type">): "wrongType" | "tooLarge" | undefined {
  const isPhoto = file.type.startsWith("image/");
  if (!typeOf(file.name) && !isPhoto) return "wrongType";
  if (file.size > MOST_BYTES && !isPhoto) return "tooLarge";
  return undefined;
}

/** The size of a picture whose longer side is at most LONGEST_SIDE. */
export function fitted(width: number, height: number) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** A photo small enough to be sent at once; anything else, and what the browser cannot read, as it is. */
export async function shrunk(file: File): Promise<File> {
  if (!file.type.startsWith("image/") || (file.size <= SMALL_ENOUGH && typeOf(file.name))) return file;
  const picture = await createImageBitmap(file).catch(() => undefined); // a format that this browser does not know
  if (!picture) return file;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fitted(picture.width, picture.height));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise<Blob | null>((take) => canvas.toBlob(take, "image/jpeg", QUALITY));
  if (!blob || (blob.size >= file.size && typeOf(file.name))) return file;
  return new File([blob], `${file.name.replace(/\.[^.]*$/, "") || "photo"}.jpg`, { type: "image/jpeg" });
}

/** Announce a file to the API, and send it where the API said. */
export async function attach(defect_id: string, given: File): Promise<Attachment> {
  const file = await shrunk(given);
  const content_type = typeOf(file.name);
  if (!content_type) throw new Error(file.name);
  const params = { path: { defect_id } };
  const body = { name: file.name, content_type, size: file.size };
  const attachment = requireBody((await client.POST("/api/v1/defects/{defect_id}/attachments", { params, body })).data);
  const form = new FormData();
  for (const [name, value] of Object.entries(attachment.upload.fields)) form.append(name, value);
  form.append("file", file);
  const response = await fetch(attachment.upload.url, { method: "POST", body: form }).catch(() => {
    throw new NoNetwork();
  });
  if (!response.ok) throw await errorOf(response);
  return attachment;
}
