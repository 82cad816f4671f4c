/** A file of a diff, as GitLab gives it. */
export interface FileDiff {
  old_path: string;
  new_path: string;
  a_mode: string;
  b_mode: string;
  new_file: boolean;
  renamed_file: boolean;
  deleted_file: boolean;
  /** Its hunks. */
  diff: string;
}

export interface LineCount {
  additions: number;
  deletions: number;
  files: number;
}

/** What a unified diff adds and removes. Lines before a file's first hunk say what file it is. */
export function countDiff(diff: string): LineCount {
  const count: LineCount = { additions: 0, deletions: 0, files: 0 };
  let inHunk = false;
  for (const line of lines(diff)) {
    if (line.startsWith("diff --git ")) {
      count.files += 1;
      inHunk = false;
    } else if (line.startsWith("@@ ")) inHunk = true;
    else if (inHunk && line.startsWith("+")) count.additions += 1;
    else if (inHunk && line.startsWith("-")) count.deletions += 1;
  }
  return count;
}

/** One file in the form that git prints. */
export function unifiedFile(file: FileDiff): string {
  const { old_path, new_path, diff } = file;
  const head = [`diff --git a/${old_path} b/${new_path}`];
  if (file.new_file) head.push(`new file mode ${file.b_mode}`);
  else if (file.deleted_file) head.push(`deleted file mode ${file.a_mode}`);
  else if (file.a_mode !== file.b_mode) head.push(`old mode ${file.a_mode}`, `new mode ${file.b_mode}`);
  if (file.renamed_file) head.push(`rename from ${old_path}`, `rename to ${new_path}`);
  // Older versions put the names before the hunks.
  if (diff.startsWith("@@ ")) {
    head.push(file.new_file ? "--- /dev/null" : `--- a/${old_path}`);
    head.push(file.deleted_file ? "+++ /dev/null" : `+++ b/${new_path}`);
  }
  return `${head.join("\n")}\n${diff === "" || diff.endsWith("\n") ? diff : `${diff}\n`}`;
}

/** One after the other: a diff of megabytes is not copied into an array of lines. */
function* lines(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}
