import type { ReactNode } from "react";
import { PageHeader } from "./page-header.tsx";
import { useTitle } from "./tab-title.ts";

export { useTitle };

interface PageProps {
  title: string;
  actions?: ReactNode;
  /** Wider than a reading column, for lists. */
  children: ReactNode;
}

/** A page that is a column of sections: settings, lists. */
export function Page({ title, actions, children }: PageProps): ReactNode {
  useTitle(title);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title={title} actions={actions} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex w-full max-w-4xl flex-col gap-10 px-4 py-6 md:px-8 md:py-8">{children}</div>
      </div>
    </div>
  );
}
