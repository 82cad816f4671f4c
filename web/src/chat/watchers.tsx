import type { ReactNode } from "react";
import type { MinimalUser } from "../../../src/contract/identity.ts";
import { useMe } from "../shell/me.ts";
import { Avatar } from "../ui/avatar.tsx";
import { personName } from "../shell/names.ts";
import { Tooltip } from "../ui/tooltip.tsx";

/** More faces than these are a number. */
const FACES = 3;
/** More names than these nobody reads in a tooltip. */
const NAMES = 12;

/** Who else watches the chat now: faces, and their names on hover, focus and for screen readers. */
export function Watchers({ watching }: { watching: readonly MinimalUser[] }): ReactNode {
  const me = useMe();
  const others = watching.filter((person) => person.id !== me.id);
  if (others.length === 0) return null;
  const names = others.slice(0, NAMES).map(personName);
  const rest = others.length - names.length;
  const words = `Watching now: ${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  const faces = others.length > FACES + 1 ? others.slice(0, FACES) : others;
  return (
    <Tooltip
      side="bottom"
      label={
        <span className="min-w-0 wrap-anywhere">
          Watching now:{" "}
          {names.map((name, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- two may be called the same
            <span key={index}>
              {index > 0 && ", "}
              <bdi>{name}</bdi>
            </span>
          ))}
          {rest > 0 && ` and ${rest} more`}
        </span>
      }
    >
      <button
        type="button"
        data-testid="watchers"
        aria-label={words}
        className="flex h-7 shrink-0 cursor-default items-center -space-x-1 rounded-full px-0.5"
      >
        {faces.map((person) => (
          <Avatar
            key={person.id}
            name={personName(person)}
            kind={person.is_service_account ? "service" : "person"}
            size="sm"
            className="size-6 ring-2 ring-page"
          />
        ))}
        {others.length > faces.length && (
          <span className="tabular pl-2 text-xs text-muted">+{others.length - faces.length}</span>
        )}
      </button>
    </Tooltip>
  );
}
