import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import { z } from "zod";
import type { User } from "../../../../src/contract/identity.ts";
import { organizationMember } from "../../../../src/contract/organizations.ts";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { usersQuery, USERS_KEY } from "../../api/account-queries.ts";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/error.ts";
import { useForm } from "../../api/form.ts";
import { GROUPS_KEY, MEMBERS_KEY } from "../../api/organization-queries.ts";
import { rightsQuery } from "../../api/queries.ts";
import { useMe } from "../../shell/me.ts";
import { useRights } from "../../shell/rights.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { useDebounced } from "../../ui/debounced.ts";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { failed, toast } from "../../ui/toaster.tsx";
import { personName, shownName } from "../../shell/names.ts";
import { PersonList, PersonRow } from "./person-row.tsx";

interface AddMemberDialogProps {
  organization: OrganizationRights;
  onClose: () => void;
}

/** People with an account here; who has none needs an account first. */
export function AddMemberDialog({ organization, onClose }: AddMemberDialogProps): ReactNode {
  const { read_users: seesEverybody } = useRights();
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add people"
      description={
        <>
          To <bdi className="font-medium text-ink">{shownName(organization)}</bdi>. They need an account on this
          deployment first.
        </>
      }
    >
      {seesEverybody ? (
        <AddBySearch organizationId={organization.id} onClose={onClose} />
      ) : (
        <AddByName organizationId={organization.id} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface AddProps {
  organizationId: string;
  onClose: () => void;
}

/** Makes somebody a member, and lets the lists of the page know. */
function useAddMember(organizationId: string): (user: string) => Promise<void> {
  const queryClient = useQueryClient();
  const me = useMe();
  return async function addMember(user) {
    const member = await post(
      `/organizations/${organizationId}/members/${encodeURIComponent(user)}`,
      {},
      organizationMember,
    );
    toast.success(`${personName(member)} is a member now`);
    const changed = [MEMBERS_KEY, GROUPS_KEY, USERS_KEY, ...(member.user_id === me.id ? [rightsQuery.queryKey] : [])];
    await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  };
}

function AddBySearch({ organizationId, onClose }: AddProps): ReactNode {
  const [typed, setTyped] = useState("");
  const words = useDebounced(typed.trim());
  const found = useInfiniteQuery({
    ...usersQuery({ q: words === "" ? undefined : words }),
    placeholderData: (before) => before,
  });
  const people = found.data?.pages.flatMap((page) => page.users);

  function results(): ReactNode {
    if (found.isPending) return <Skeleton className="h-40 rounded-lg" />;
    if (people === undefined) {
      return <ErrorState error={found.error} doing="look for people" onRetry={() => void found.refetch()} />;
    }
    if (people.length === 0) return <p className="text-muted">Nobody with an account here matches.</p>;
    return (
      <PersonList label="People found">
        {people.map((person) => (
          <FoundPerson key={person.id} person={person} organizationId={organizationId} />
        ))}
        {found.hasNextPage && (
          <li className="p-2">
            <Button size="sm" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              Show more
            </Button>
          </li>
        )}
      </PersonList>
    );
  }

  return (
    <div className="flex flex-col gap-3">
      <SearchField
        label="Search people"
        placeholder="Name, user name or e-mail"
        autoFocus
        value={typed}
        onChange={setTyped}
      />
      {results()}
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
      </DialogActions>
    </div>
  );
}

function FoundPerson({ person, organizationId }: { person: User; organizationId: string }): ReactNode {
  const addMember = useAddMember(organizationId);
  const [busy, setBusy] = useState(false);
  const name = personName(person);

  async function add(): Promise<void> {
    setBusy(true);
    try {
      await addMember(person.id);
    } catch (error) {
      failed(`add ${name}`, error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <PersonRow person={person}>
      {person.organization_ids.includes(organizationId) ? (
        <Badge>Member</Badge>
      ) : (
        <Button size="sm" busy={busy} aria-label={`Add ${name}`} onClick={() => void add()}>
          Add
        </Button>
      )}
    </PersonRow>
  );
}

const byName = z.object({ username: z.string().trim().min(1, { error: "Give a user name." }) });

/** Who may not go through all accounts names the one they know. */
function AddByName({ organizationId, onClose }: AddProps): ReactNode {
  const addMember = useAddMember(organizationId);
  const form = useForm({
    initial: { username: "" },
    parse: (values) => byName.safeParse(values),
    async submit({ username }) {
      try {
        await addMember(username);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        const detail = "Nobody with this user name has an account here.";
        throw new ApiError(404, detail, { errors: [{ pointer: "/username", detail }], cause: error });
      }
      form.reset();
    },
  });
  return (
    <form {...form.props} className="flex flex-col gap-4">
      <Field label="User name" hint="Ask them: it stands on their account page." error={form.errors.username}>
        {(control) => (
          <Input
            {...control}
            autoFocus
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={100}
            value={form.values.username}
            onChange={(event) => form.set("username", event.target.value)}
          />
        )}
      </Field>
      <FormFailure failure={form.failure} />
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
        <Button type="submit" variant="primary" busy={form.busy}>
          Add
        </Button>
      </DialogActions>
    </form>
  );
}
