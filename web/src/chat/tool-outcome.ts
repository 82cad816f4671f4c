import type { ToolResultPart } from "../../../src/contract/chats.ts";

/** A command that failed and a tool that could not do its work are both marked as failed. */
export function resultState(part: ToolResultPart): "done" | "error" {
  if (part.is_error === true) return "error";
  const result = part.result;
  if (typeof result !== "object" || result === null || Array.isArray(result)) return "done";
  if (result["success"] === false) return "error";
  const exitCode = result["exit_code"];
  // A process that still runs reports -1 with success.
  return typeof exitCode === "number" && exitCode > 0 ? "error" : "done";
}

/** Whether a person stopped it before it had a result. */
export function wasInterrupted(result: ToolResultPart | null): boolean {
  const said = result?.result;
  if (result?.is_error !== true || typeof said !== "object" || said === null || Array.isArray(said)) return false;
  const error = said["error"];
  return typeof error === "string" && /^interrupted by a person/i.test(error);
}
