import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { errorText } from "./states.tsx";

/** What went wrong with a form as a whole, said where the eyes are: above its button. */
export function FormFailure({ failure, children }: { failure: unknown; children?: ReactNode }): ReactNode {
  if (failure === null && children === undefined) return null;
  return (
    <div role="alert" className="flex items-start gap-2.5 rounded-md bg-danger-soft px-3 py-2.5 text-sm text-danger">
      <CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
      <div>{children ?? errorText(failure)}</div>
    </div>
  );
}
