import type { ChatShares, WorkspaceAcl } from "../../../src/contract/sharing.ts";
import { counted, personName, shownName } from "../shell/names.ts";

/** With whom something is shared, the same for chats and workspaces. */
export interface ShareState {
  readonly mayShare: boolean;
  /** Why nothing can be shared, in words for who would; null where it can. */
  readonly whyNot: string | null;
  readonly owner: { readonly id: string; readonly name: string };
  readonly entries: readonly ShareEntry[];
}

export interface Subject {
  readonly id: string;
  readonly type: "user" | "group";
  readonly name: string;
  /** A second line: what tells it from another of the same name. */
  readonly detail: string;
  readonly service: boolean;
}

export interface ShareEntry extends Subject {
  readonly role: string;
}

/** The request that gives these subjects a role, or takes it away where the role is empty. */
export interface ShareChange {
  user_roles?: Record<string, string>;
  group_roles?: Record<string, string>;
}

interface Person {
  id: string;
  username: string;
  name: string;
  is_service_account: boolean;
}
interface Team {
  id: string;
  name: string;
  display_name: string;
  is_everyone: boolean;
  member_count: number;
}

export function personSubject(person: Person): Subject {
  return {
    id: person.id,
    type: "user",
    name: personName(person),
    detail: person.is_service_account ? `${person.username} · service account` : person.username,
    service: person.is_service_account,
  };
}

export function groupSubject(team: Team): Subject {
  const members = counted(team.member_count, "member");
  return {
    id: team.id,
    type: "group",
    name: team.is_everyone ? "Everyone" : shownName(team),
    detail: team.is_everyone ? `all of the organisation · ${members}` : `group · ${members}`,
    service: false,
  };
}

export function chatShareState(shares: ChatShares): ShareState {
  return {
    mayShare: shares.may_share,
    whyNot: null,
    owner: { id: shares.owner.id, name: personName(shares.owner) },
    entries: [
      ...shares.groups.map((group) => ({ ...groupSubject(group), role: group.role })),
      ...shares.users.map((user) => ({ ...personSubject(user), role: user.role })),
    ],
  };
}

export function workspaceShareState(acl: WorkspaceAcl, owner: ShareState["owner"]): ShareState {
  return {
    mayShare: true,
    whyNot: null,
    owner,
    entries: [
      ...acl.group.map((group) => ({ ...groupSubject(group), role: group.role })),
      ...acl.users.map((user) => ({ ...personSubject(user), role: user.role })),
    ],
  };
}

/** The state once a subject has the role; none when it is empty. A new one comes last, where it is looked for. */
export function withRole(state: ShareState, subject: Subject, role: string): ShareState {
  const known = state.entries.some((entry) => entry.id === subject.id);
  const entries = known
    ? state.entries.map((entry) => (entry.id === subject.id ? { ...entry, role } : entry))
    : [...state.entries, { ...subject, role }];
  return { ...state, entries: entries.filter((entry) => entry.role !== "") };
}

export function changeOf(subject: Subject, role: string): ShareChange {
  return subject.type === "user" ? { user_roles: { [subject.id]: role } } : { group_roles: { [subject.id]: role } };
}

/** An entry that was taken out while somebody looked: it keeps its place, so that it can be brought back there. */
export interface RemovedEntry {
  readonly entry: ShareEntry;
  readonly index: number;
}

/** The entries with those that were taken out where they stood. */
export function withRemoved(
  entries: readonly ShareEntry[],
  removed: readonly RemovedEntry[],
): { entry: ShareEntry; removed: boolean }[] {
  const rows = entries.map((entry) => ({ entry, removed: false }));
  for (const { entry, index } of removed) {
    if (!rows.some((row) => row.entry.id === entry.id)) rows.splice(index, 0, { entry, removed: true });
  }
  return rows;
}
