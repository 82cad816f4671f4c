import type { ReactNode } from "react";
import { Avatar } from "../ui/avatar.tsx";
import type { Subject } from "./share-state.ts";

/** A subject in a row: face, name, and what tells it from others. */
export function SubjectFace({ subject }: { subject: Subject }): ReactNode {
  const kind = subject.type === "group" ? "group" : subject.service ? "service" : "person";
  return (
    <>
      <Avatar name={subject.name} kind={kind} />
      <span className="flex min-w-0 flex-1 flex-col">
        <bdi className="truncate font-medium" title={subject.name}>
          {subject.name}
        </bdi>
        <bdi className="truncate text-sm text-muted">{subject.detail}</bdi>
      </span>
    </>
  );
}
