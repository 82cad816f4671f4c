import { z } from "zod";
import { id, timestamp } from "./common.ts";

/** The largest file that a message can have. */
export const FILE_MAX_BYTES = 10 * 1024 * 1024;

/** What browsers show and models see. SVG is not among them: it carries scripts. */
export const imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
/** What models read as text, such as a long paste. Always UTF-8. */
export const textTypes = ["text/plain", "text/markdown", "text/csv", "application/json"] as const;
export const fileTypes = [...imageTypes, ...textTypes] as const;
export const fileType = z.enum(fileTypes);
export type FileType = z.infer<typeof fileType>;

/** Whether a file of this type is shown as a picture; the others are texts. */
export function isImageType(mediaType: string): boolean {
  return imageTypes.some((type) => type === mediaType);
}

/** `POST /chats/files`: what a message then refers to by id. */
export const chatFile = z
  .object({
    id,
    owner_id: id,
    organization_id: id,
    /** Empty when the upload named none. */
    name: z.string(),
    media_type: fileType,
    /** Bytes. */
    size: z.int(),
    created_at: timestamp,
  })
  .meta({ id: "ChatFile" });
export type ChatFile = z.infer<typeof chatFile>;
