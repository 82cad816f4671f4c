import type { ReactNode } from "react";
import { Dialog } from "../ui/dialog.tsx";
import { Keys } from "../ui/keys.tsx";
import { shortcutGroups } from "./shortcuts.ts";

export function ShortcutsDialog(props: { open: boolean; onOpenChange: (open: boolean) => void }): ReactNode {
  return (
    <Dialog {...props} title="Keyboard shortcuts">
      <div className="flex flex-col gap-5">
        {shortcutGroups.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1 text-sm font-medium text-faint">{group.title}</h3>
            <dl className="divide-y divide-line">
              {group.shortcuts.map((shortcut) => (
                <div key={shortcut.keys} className="flex items-center justify-between gap-4 py-2">
                  <dt>{shortcut.does}</dt>
                  <dd>
                    <Keys keys={shortcut.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
