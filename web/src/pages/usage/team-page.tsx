import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { rightsQuery } from "../../api/queries.ts";
import { readsUsageOfOthers } from "../../shell/rights.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/relative-time.tsx";
import { EmptyState, ErrorState } from "../../ui/states.tsx";
import type { TeamLead } from "./lead-to.ts";
import { PersonFigures } from "./person-figures.tsx";
import { RangeFields } from "./range-fields.tsx";
import { TeamFigures } from "./team-figures.tsx";
import { UsageFiles } from "./usage-files.tsx";
import { usageRange, type TeamUsageSearch } from "./usage-search.ts";
import { UsageShape } from "./usage-shape.tsx";

/** What everybody's model calls cost and used, for whoever may read that of all or of an organisation. */
export function TeamUsagePage(): ReactNode {
  const rights = useQuery(rightsQuery);
  const search = useSearch({ from: "/app/settings/usage/people" });
  const navigate = useNavigate({ from: "/settings/usage/people" });
  const range = usageRange(search, useNow());
  const { user, organization, group, model, chat } = search;
  const question = { user, organization, group, model, chat, from: range.from, to: range.to };
  const go = (part: TeamUsageSearch, replace = true) => void navigate({ search: { ...search, ...part }, replace });
  const leadTo: TeamLead = (part, children) => (
    <Link
      to="/settings/usage/people"
      search={{ ...search, ...part }}
      className="block truncate hover:text-accent hover:underline"
    >
      {children}
    </Link>
  );
  const mayRead = rights.data !== undefined && readsUsageOfOthers(rights.data);

  function content(): ReactNode {
    if (rights.isPending) return <UsageShape />;
    if (rights.data === undefined) {
      return <ErrorState error={rights.error} doing="load your rights" onRetry={() => void rights.refetch()} />;
    }
    if (!mayRead) return <NotForYou />;
    return (
      <div className="flex min-w-0 flex-col gap-8">
        <RangeFields search={search} range={range} onChange={(part) => go({ ...part, page: undefined })} />
        {user === undefined ? (
          <TeamFigures {...{ search, question, leadTo, go }} when={range.words} />
        ) : (
          <PersonFigures
            key={`${user} ${model} ${chat}`}
            question={{ ...question, user }}
            when={range.words}
            isOwn={false}
            leadTo={leadTo}
            before={leadTo({ user: undefined, model: undefined, chat: undefined }, "Everybody")}
          />
        )}
      </div>
    );
  }

  return (
    <SettingsPage
      title="Team usage"
      lead="What everybody’s model calls cost, and the tokens they used."
      wide
      actions={mayRead && <UsageFiles question={question} />}
    >
      {content()}
    </SettingsPage>
  );
}

function NotForYou(): ReactNode {
  return (
    <EmptyState
      icon={<Lock size={24} aria-hidden />}
      title="Usage of others is not for everybody"
      action={
        <Button asChild>
          <Link to="/settings/usage">Go to your own usage</Link>
        </Button>
      }
    >
      Owners and auditors read what everybody spent, and admins of an organisation what was spent there.
    </EmptyState>
  );
}
