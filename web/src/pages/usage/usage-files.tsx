import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { usageFile, type UsageFile, type UsageQuestion } from "../../api/usage-queries.ts";
import { Button } from "../../ui/button.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";

const words: Record<UsageFile, string> = {
  person: "By person",
  organization: "By organisation",
  group: "By group",
  model: "By model",
  chat: "By chat",
  day: "By day",
  call: "Every model call",
};

/** The figures that are shown, as files with every digit. */
export function UsageFiles({ question }: { question: UsageQuestion }): ReactNode {
  const files = filesOf(question);
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

/** Of what is narrowed to a part, there is none by organisation or group: those tables are of everybody. */
function filesOf({ user, organization, group, model }: UsageQuestion): UsageFile[] {
  if (user !== undefined) return ["model", "chat", "day", "call"];
  const narrowed = [organization, group, model].some((part) => part !== undefined);
  return ["person", "model", "chat", "day", ...(narrowed ? [] : (["organization", "group"] as const))];
}
