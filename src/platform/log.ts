type Level = "info" | "warn" | "error";
type Write = (level: Level, line: string) => void;

const HIDDEN = "[hidden]";
/** Names under which secrets travel, matched in any spelling of words (`apiKey`, `api-key`, `API_KEY`). */
const SECRET_NAME = /pass(word|phrase)?$|secret|token$|api_?key|authorization|cookie|credential|private_?key|^key$/;
/** Secrets that stand in the middle of other text: our keys, the agents', providers' keys, bearer headers. */
const SECRET_TEXT =
  /\b(?:tla?_[A-Za-z0-9_-]{8,}|sk-[A-Za-z0-9_-]{8,}|bearer\s+[^\s"']+)|(tideline_session=)[^;\s"']+/gi;
/** After a failed query, up to the stack. */
const QUERY_PARAMETERS =
  /^(Failed query: [^]*?\nparams: |Error: Failed query: [^]*?\nparams: )[^]*?(?=\n {4}at |$(?![^]))/;
/** Deeper structures are cut: a log line is for reading. */
const MAX_DEPTH = 6;

function write(level: Level, line: string): void {
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}

/**
 * A logger that writes one JSON object a line: `level`, `event`, `time` and the given fields, with
 * everything that looks like a secret hidden, by name and by shape. Errors become name, message, stack.
 */
export function createLog(output: Write = write) {
  const at =
    (level: Level) =>
    (event: string, fields: object = {}) =>
      output(level, logLine(level, event, fields));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

export type Log = ReturnType<typeof createLog>;

export const log: Log = createLog();

function logLine(level: Level, event: string, fields: object): string {
  return JSON.stringify({ level, event, time: new Date().toISOString(), ...redactFields(fields, 0) });
}

/** A copy of a value that is safe to log. */
export function redact(value: unknown): unknown {
  return redactValue(value, 0);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string")
    return value.replace(SECRET_TEXT, (_, cookie: string | undefined) => `${cookie ?? ""}${HIDDEN}`);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[deep]";
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Headers) return redactFields(Object.fromEntries(value), depth + 1);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  return redactFields(value, depth + 1);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSecretName(name) && !isHarmless(value) ? HIDDEN : redactValue(value, depth),
    ]),
  );
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const cause = error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) };
  return {
    name: error.name,
    message: redactValue(withoutParameters(error.message), depth),
    stack: redactValue(withoutParameters(error.stack ?? ""), depth),
    ...cause,
  };
}

/** The query builder writes what was bound into its errors: contents of messages, hashes, sealed keys. */
function withoutParameters(text: string): string {
  return text.replace(QUERY_PARAMETERS, `$1${HIDDEN}`);
}

function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
  return SECRET_NAME.test(words);
}

/** `has_api_key: true` and `token: null` say something and give nothing away. */
function isHarmless(value: unknown): boolean {
  return value === null || value === undefined || typeof value === "boolean" || typeof value === "number";
}
