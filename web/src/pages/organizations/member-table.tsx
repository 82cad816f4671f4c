import type { ReactNode } from "react";
import type { AssignableOrganizationRole, OrganizationMember } from "../../../../src/contract/organizations.ts";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { useMe } from "../../shell/me.ts";
import { Badge } from "../../ui/badge.tsx";
import { cx } from "../../ui/cx.ts";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { MemberMenu } from "./member-menu.tsx";
import { personName } from "../../shell/names.ts";

const columns = "@2xl:grid-cols-[minmax(0,2.2fr)_minmax(0,1.5fr)_8rem_1.75rem]";

interface MemberTableProps {
  organization: OrganizationRights;
  members: readonly OrganizationMember[];
  roles: readonly AssignableOrganizationRole[];
}

/** Rows of a table where there is room, else cards; a table for screen readers in both. */
export function MemberTable({ organization, members, roles }: MemberTableProps): ReactNode {
  const me = useMe();
  return (
    <div role="table" aria-label="Members" className="@container rounded-lg border border-line bg-overlay">
      <div role="rowgroup" className="@max-2xl:sr-only">
        <div role="row" className={cx("grid gap-x-4 px-4 py-2 text-xs font-medium text-faint", columns)}>
          <span role="columnheader">Member</span>
          <span role="columnheader">Roles</span>
          <span role="columnheader">Joined</span>
          <span role="columnheader">
            <span className="sr-only">Actions</span>
          </span>
        </div>
      </div>
      <div role="rowgroup" className="divide-y divide-line @2xl:border-t @2xl:border-line">
        {members.map((member) => (
          <MemberRow
            key={member.user_id}
            member={member}
            roles={roles}
            isMe={member.user_id === me.id}
            // Whoever holds a role that is not the person's to give is not theirs to change either.
            changeable={organization.manage_members && member.roles.every((role) => mayGive(role, roles))}
          />
        ))}
      </div>
    </div>
  );
}

interface MemberRowProps {
  member: OrganizationMember;
  roles: readonly AssignableOrganizationRole[];
  isMe: boolean;
  changeable: boolean;
}

function MemberRow({ member, roles, isMe, changeable }: MemberRowProps): ReactNode {
  const name = personName(member);
  return (
    <div
      role="row"
      data-testid="member"
      className={cx("grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 @2xl:py-2.5", columns)}
    >
      <div role="cell" className="min-w-0">
        <p className="flex min-w-0 items-center gap-2">
          <bdi className={cx("truncate font-medium", member.status === "suspended" && "text-muted")} title={name}>
            {name}
          </bdi>
          {isMe && <Badge tone="accent">You</Badge>}
          {member.is_service_account && <Badge>Service account</Badge>}
          {member.status === "suspended" && <Badge tone="danger">Suspended</Badge>}
        </p>
        <p className="truncate text-sm text-muted">
          <bdi>{member.username}</bdi>
          {member.email !== "" && (
            <>
              {" · "}
              <bdi title={member.email}>{member.email}</bdi>
            </>
          )}
        </p>
      </div>
      <div role="cell" className="text-sm text-muted @max-2xl:col-span-2 @max-2xl:row-start-2">
        {roleWords(member, roles)}
      </div>
      <div role="cell" className="text-sm text-muted @max-2xl:col-span-2 @max-2xl:row-start-3">
        <span className="@2xl:sr-only">Joined </span>
        <RelativeTime at={member.created_at} />
      </div>
      <div role="cell" className="justify-self-end @max-2xl:col-start-2 @max-2xl:row-start-1">
        {changeable && <MemberMenu member={member} roles={roles} isMe={isMe} />}
      </div>
    </div>
  );
}

/** The roles by name; "Member" for who has none beyond what all have. */
function roleWords(member: OrganizationMember, roles: readonly AssignableOrganizationRole[]): string {
  if (member.roles.length === 0) return "Member";
  return member.roles.map((role) => roles.find(({ name }) => name === role)?.display_name ?? role).join(", ");
}

function mayGive(role: string, roles: readonly AssignableOrganizationRole[]): boolean {
  return roles.some(({ name, assignable }) => name === role && assignable);
}
