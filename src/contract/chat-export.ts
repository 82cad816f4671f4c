import { z } from "zod";
import { chatFacts, messageRole, messageUsage, messageVisibilities } from "./chats.ts";
import { json, timestamp } from "./common.ts";
import { chatUsage } from "./stream.ts";

/** A chat in a file: `GET /chats/{chat}/export` writes it, `POST /chats/import` reads it. */

export const EXPORT_FORMAT = "tideline-chat";

const storedMessage = z.object({
  role: messageRole,
  visibility: z.enum(messageVisibilities),
  /** 1: an array of parts. 0: as older systems wrote it, by role. */
  content_version: z.int(),
  content: json,
  /** A summary of what came before, and the marks around it. */
  compressed: z.boolean(),
  created_at: timestamp,
});

export const exportedMessage = storedMessage
  .extend({
    id: z.int(),
    created_by: z.uuid().nullable(),
    model_config_id: z.uuid().nullable(),
    usage: messageUsage.nullable(),
    /** Micro-dollars; null = could not be priced, 0 = free. */
    total_cost_micros: z.int().nullable(),
    estimated: z.boolean(),
    runtime_ms: z.int().nullable(),
  })
  .meta({ id: "ExportedChatMessage" });
export type ExportedMessage = z.infer<typeof exportedMessage>;

export const chatExport = z
  .object({
    format: z.literal(EXPORT_FORMAT),
    exported_at: timestamp,
    chat: chatFacts,
    usage: chatUsage,
    /** Oldest first; what was deleted is not among them. */
    messages: z.array(exportedMessage),
  })
  .meta({ id: "ChatExport" });

/** A file with more messages is not of a chat that a person has had. */
export const IMPORT_MAX_MESSAGES = 20_000;

/**
 * What an import takes of such a file. Usage and cost stay behind: what was paid elsewhere, or is
 * booked already, is not paid for again here.
 */
export const importChatRequest = z
  .object({
    format: z.literal(EXPORT_FORMAT),
    chat: z.object({ title: z.string().trim().max(200).default("") }).default({ title: "" }),
    messages: z
      .array(
        storedMessage.extend({
          visibility: storedMessage.shape.visibility.default("both"),
          compressed: z.boolean().default(false),
          created_at: timestamp.optional(),
        }),
      )
      .min(1, { error: "There is no message in it." })
      .max(IMPORT_MAX_MESSAGES),
  })
  .meta({ id: "ImportChatRequest" });
export type ImportChatRequest = z.infer<typeof importChatRequest>;
