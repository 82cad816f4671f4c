import { chatFile, type ChatFile } from "../../../../src/contract/files.ts";
import { problem } from "../../../../src/contract/common.ts";
import { ApiError } from "../../api/error.ts";

/** Files of messages as this page reaches them: uploads with progress, and bytes that are at hand already. */

const atHand = new Map<string, string>();

export function fileUrl(fileId: string): string {
  return `/api/v2/chats/files/${fileId}`;
}

/** Where to show a file from: what this page has uploaded itself needs no way to the server and back. */
export function shownUrl(fileId: string): string {
  return atHand.get(fileId) ?? fileUrl(fileId);
}

/**
 * Keeps an uploaded file for this page, and fetches it once in the background: answers about files
 * never change, so the browser has it for the pages that come.
 */
export function keepFile(fileId: string, file: File): void {
  atHand.set(fileId, URL.createObjectURL(file));
  void fetch(fileUrl(fileId), { priority: "low" }).then(
    (response) => response.arrayBuffer(),
    () => undefined, // The page asks again when it shows the file.
  );
}

export async function readFileText(fileId: string): Promise<string> {
  const response = await fetch(shownUrl(fileId));
  if (!response.ok) throw new ApiError(response.status, "The file could not be read");
  return response.text();
}

/** XMLHttpRequest, since fetch does not tell how much of a request has left. */
export function uploadFile(
  file: File,
  mediaType: string,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<ChatFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v2/chats/files");
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", mediaType);
    if (file.name !== "") {
      request.setRequestHeader("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
    }
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const answer = parseJson(request.responseText);
      const arrived = chatFile.safeParse(answer);
      if (request.status < 300 && arrived.success) return resolve(arrived.data);
      const refused = problem.safeParse(answer);
      reject(
        refused.success ? ApiError.ofProblem(refused.data, null) : new ApiError(request.status, "The server failed"),
      );
    });
    request.addEventListener("error", () => reject(new ApiError(0, "No connection")));
    request.addEventListener("abort", () => reject(new DOMException("Given up.", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // something in front of the Worker answered with a page
  }
}
