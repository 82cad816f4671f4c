import type { ReactNode } from "react";
import type { AssignableSiteRole, User } from "../../../../src/contract/identity.ts";
import { useMe } from "../../shell/me.ts";
import { personName } from "../../shell/names.ts";
import { Badge, StatusDot } from "../../ui/badge.tsx";
import { cx } from "../../ui/cx.ts";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { hasSway, roleWords, statusWords } from "./account-words.ts";

const columns = "@2xl:grid-cols-[minmax(0,2.4fr)_minmax(0,1.3fr)_6.5rem_7.5rem_1.75rem]";

interface AccountTableProps {
  accounts: readonly User[];
  roles: readonly AssignableSiteRole[];
  manages: boolean;
}

/** Rows of a table where there is room, else cards; a table for screen readers in both. */
export function AccountTable({ accounts, roles, manages }: AccountTableProps): ReactNode {
  const me = useMe();
  return (
    <div role="table" aria-label="Accounts" className="@container rounded-lg border border-line bg-overlay">
      <div role="rowgroup" className="@max-2xl:sr-only">
        <div role="row" className={cx("grid gap-x-4 px-4 py-2 text-xs font-medium text-faint", columns)}>
          <span role="columnheader">Account</span>
          <span role="columnheader">Roles</span>
          <span role="columnheader">Status</span>
          <span role="columnheader">Last seen</span>
          <span role="columnheader">
            <span className="sr-only">Actions</span>
          </span>
        </div>
      </div>
      <div role="rowgroup" className="divide-y divide-line @2xl:border-t @2xl:border-line">
        {accounts.map((account) => (
          <AccountRow
            key={account.id}
            account={account}
            roles={roles}
            isMe={account.id === me.id}
            changeable={manages && (account.id === me.id || hasSway(account.roles, roles))}
          />
        ))}
      </div>
    </div>
  );
}

interface AccountRowProps {
  account: User;
  roles: readonly AssignableSiteRole[];
  isMe: boolean;
  changeable: boolean;
}

function AccountRow({ account, roles, isMe, changeable }: AccountRowProps): ReactNode {
  const status = statusWords[account.status];
  const name = personName(account);
  return (
    <div
      role="row"
      data-testid="account"
      className={cx("grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 @2xl:py-2.5", columns)}
    >
      <div role="cell" className="min-w-0">
        <p className="flex min-w-0 items-center gap-2">
          <bdi className={cx("truncate font-medium", account.status === "suspended" && "text-muted")} title={name}>
            {name}
          </bdi>
          {isMe && <Badge tone="accent">You</Badge>}
          {account.is_service_account && <Badge>Service account</Badge>}
        </p>
        <p className="truncate text-sm text-muted">
          {account.name !== "" && <bdi>{account.username}</bdi>}
          {account.name !== "" && account.email !== "" && " · "}
          {account.email !== "" && <bdi title={account.email}>{account.email}</bdi>}
        </p>
      </div>
      <div role="cell" className="truncate text-sm text-muted @max-2xl:col-span-2 @max-2xl:row-start-2">
        {roleWords(account.roles, roles)}
      </div>
      <div role="cell" className="flex items-center gap-2 text-sm @max-2xl:row-start-3" title={status.means}>
        <StatusDot tone={status.tone} />
        {status.label}
      </div>
      <div role="cell" className="text-sm text-muted @max-2xl:row-start-3 @max-2xl:text-right">
        <span className="@2xl:sr-only">Seen </span>
        {account.last_seen_at === null ? (
          <span className="text-faint">never</span>
        ) : (
          <RelativeTime at={account.last_seen_at} />
        )}
      </div>
      <div role="cell" className="justify-self-end @max-2xl:col-start-2 @max-2xl:row-start-1">
        {changeable && <AccountMenu account={account} isMe={isMe} />}
      </div>
    </div>
  );
}
