/** A tool could not do its work; the message is written for the model, which reads it as the result. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

const REASONS = new Map([
  ["ENOENT", "there is no such file or folder"],
  ["EACCES", "permission denied"],
  ["EPERM", "the operation is not permitted"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of the path is not a folder"],
  ["ELOOP", "there are too many symbolic links on the way, or the path changed meanwhile"],
  ["ENAMETOOLONG", "the name is too long"],
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "the file system is read-only"],
  ["EMFILE", "too many files are open"],
  ["EXDEV", "it lies on another file system"],
  ["EBUSY", "it is busy"],
  ["ENXIO", "it is not a regular file"],
  ["ETXTBSY", "it is being run"],
]);

/** The error code of a failed system call, or null. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Says about `path` what a failed system call means. What is no such failure is thrown on as it is. */
export function fileError(path: string, error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  const code = errorCode(error);
  if (code === null) throw error;
  return new ToolError(`${path}: ${REASONS.get(code) ?? code}.`);
}
