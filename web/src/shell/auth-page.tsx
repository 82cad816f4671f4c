import type { ReactNode } from "react";
import { Wordmark } from "../ui/brand.tsx";
import { useTitle } from "./page.tsx";

/** The frame of pages before the sign-in: one column on still water. */
export function AuthPage({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}): ReactNode {
  useTitle(title);
  return (
    <div className="flex min-h-dvh flex-col">
      <main className="mx-auto flex w-full max-w-[26rem] flex-1 flex-col justify-center gap-7 px-5 pt-10 pb-[14vh]">
        <Wordmark />
        <div>
          <h1 className="text-2xl font-semibold tracking-[-0.015em]">{title}</h1>
          {lead !== undefined && <div className="mt-2 text-md text-muted">{lead}</div>}
        </div>
        {children}
      </main>
    </div>
  );
}
