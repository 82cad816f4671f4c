import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, requireActor } from "../access/router.ts";
import { id } from "../contract/common.ts";
import { chatFile, FILE_MAX_BYTES, imageTypes, isImageType } from "../contract/files.ts";
import { chooseOrganization } from "../organizations/choice.ts";
import { log } from "../platform/log.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { contentDisposition, readFileName } from "./file-name.ts";
import { decideFileType } from "./file-type.ts";
import { chatEnteredFor, fileKey, readVisibleFile, storeFile, toChatFile, type StoredFile } from "./files.ts";
import { unavailable } from "./object.ts";
import { noteEntry } from "./permitted-chat.ts";
import { limitUse } from "./use-limits.ts";

const ROOM = ["Chat files"];
const bytes = { schema: z.string().meta({ format: "binary" }) };
const declaredTypes = [...imageTypes, "application/octet-stream", "text/plain", "text/markdown", "text/csv"];

const uploadRoute = createRoute({
  method: "post",
  path: "/chats/files",
  operationId: "uploadChatFile",
  tags: ROOM,
  summary: "Upload a picture or a text, for a message to name by its id",
  description:
    "The body is the file itself, 10 MiB at most; `Content-Disposition` may give its name. A file that no " +
    "message names is removed after a day.",
  request: {
    query: z.strictObject({
      organization: id.optional().meta({ description: "One of yours; your first one when it is left out." }),
    }),
    body: { content: Object.fromEntries(declaredTypes.map((type) => [type, bytes])) },
  },
  responses: { 201: jsonAnswer(chatFile, "The file") },
});

const readRoute = createRoute({
  method: "get",
  path: "/chats/files/{file}",
  operationId: "readChatFile",
  tags: ROOM,
  summary: "The bytes of a file: your own, or one of a chat that you may read",
  request: { params: z.object({ file: id }) },
  responses: {
    200: { description: "The file, which never changes", content: { "application/octet-stream": bytes } },
    304: { description: "You have it already (`If-None-Match`)" },
  },
});

export const fileRoutes = createRouter();

fileRoutes.openapi(uploadRoute, async function upload(c) {
  const actor = requireActor(c);
  const organizationId = chooseOrganization(actor, c.req.valid("query").organization, "organization");
  requirePermission(actor, "create", { type: "chat", ownerId: actor.userId, organizationId });
  const [body] = await Promise.all([
    c.req.arrayBuffer(),
    limitUse({ env: c.env, clock: c.var.clock }, actor.userId, "upload"),
  ]);
  const content = new Uint8Array(body);
  if (content.byteLength > FILE_MAX_BYTES) throw tooLarge();
  if (content.byteLength === 0) throw new Problem(400, "The file is empty.", { detail: "Send its bytes as the body." });
  const file = {
    ownerId: actor.userId,
    organizationId,
    name: readFileName(c.req.header("content-disposition") ?? null),
    mediaType: decideFileType(c.req.header("content-type") ?? null, content),
    bytes: content,
    createdAt: c.var.clock(),
  };
  try {
    return c.json(toChatFile(await storeFile(c.var.db, c.env.FILES, file)), 201);
  } catch (error) {
    log.error("file.not_stored", { error, request_id: c.var.requestId });
    throw unavailable("The file could not be stored just now.", "Nothing was kept. Send it again in a moment.");
  }
});

fileRoutes.openapi(readRoute, async function readFile(c) {
  const actor = requireActor(c);
  const file = await readVisibleFile(c.var.db, actor, c.req.valid("param").file);
  if (file === null) throw notFound();
  const entered = await chatEnteredFor(c.var.db, actor, file);
  if (entered !== null) await noteEntry(c, entered, "read");
  const headers = fileHeaders(file);
  if (isKnown(c.req.header("if-none-match"), headers.etag)) return new Response(null, { status: 304, headers });
  const stored = await c.env.FILES.get(fileKey(file.id)).catch((error: unknown) => {
    log.error("file.not_read", { error, request_id: c.var.requestId });
    throw unavailable("The file could not be read just now.", "Nothing is lost. Try again in a moment.");
  });
  if (stored === null) throw notFound(); // Its upload broke off.
  return new Response(stored.body, { headers: { ...headers, "content-length": String(file.size) } });
});

function tooLarge(): Problem {
  return new Problem(413, "File too large.", { detail: `At most ${FILE_MAX_BYTES / 1024 / 1024} MiB.` });
}

/** What a browser may do with bytes that somebody uploaded: show a picture, and nothing else. */
function fileHeaders(file: StoredFile) {
  const shown = isImageType(file.mediaType);
  return {
    "content-type": shown ? file.mediaType : `${file.mediaType}; charset=utf-8`,
    "content-disposition": contentDisposition(shown ? "inline" : "attachment", file.name),
    "cache-control": "private, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    etag: `"${file.sha256}"`,
  };
}

/** RFC 9110, 13.1.2: a list of tags, weak or strong, or any. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
