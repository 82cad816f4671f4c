import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { usageFile, type UsageFile, type UsageQuestion } from "../../api/usage-queries.ts";
import { Button } from "../../ui/button.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";

const words: Record<UsageFile, string> = {
  person: "By person",
  model: "By model",
  chat: "By chat",
  day: "By day",
  call: "Every model call",
};

/** The figures that are shown, as files with every digit. */
export function UsageFiles({ question }: { question: UsageQuestion }): ReactNode {
  const files: UsageFile[] =
    question.user === undefined ? ["person", "model", "chat", "day"] : ["model", "chat", "day", "call"];
  return (
    <Menu
      trigger={
        <Button>
          <Download size={14} aria-hidden />
          Download CSV
        </Button>
      }
    >
      {files.map((file) => (
        <MenuItem key={file} asChild>
          <a href={usageFile(question, file)} download>
            {words[file]}
          </a>
        </MenuItem>
      ))}
    </Menu>
  );
}
