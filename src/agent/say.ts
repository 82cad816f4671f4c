/** One line for the person who started the agent. It must never carry the token. */
export function say(text: string): void {
  process.stderr.write(`tideline-agent: ${text}\n`);
}

/** The words of anything that was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
