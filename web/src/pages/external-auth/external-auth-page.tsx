import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { CircleCheck, Link2 } from "lucide-react";
import type { ReactNode } from "react";
import type { ExternalAuthResponse } from "../../../../src/contract/external-auth.ts";
import { externalAuthQuery } from "../../api/external-auth-queries.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Card } from "../../ui/card.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { LeftoverRow, ServiceRow } from "./service-row.tsx";
import { connectFailureWords } from "./words.ts";

/** The accounts elsewhere in which Tideline may act for the person. */
export function ExternalAuthPage(): ReactNode {
  const overview = useQuery(externalAuthQuery);
  return (
    <SettingsPage
      title="Connected accounts"
      lead="Services where Tideline may act in your name, such as finding the pull requests of your branches. Nobody else can use what you connect."
    >
      <Outcome providers={overview.data?.providers ?? []} />
      {overview.isPending ? (
        <div aria-busy role="status" aria-label="Loading" className="flex flex-col gap-3">
          <Skeleton className="h-20 rounded-lg" />
          <Skeleton className="h-20 rounded-lg" />
        </div>
      ) : overview.data === undefined ? (
        <ErrorState
          error={overview.error}
          doing="load your connected accounts"
          onRetry={() => void overview.refetch()}
        />
      ) : (
        <Services overview={overview.data} />
      )}
    </SettingsPage>
  );
}

function Services({ overview: { providers, links } }: { overview: ExternalAuthResponse }): ReactNode {
  const leftovers = links.filter((link) => !providers.some(({ id }) => id === link.provider_id));
  if (providers.length + leftovers.length === 0) {
    return (
      <EmptyState icon={<Link2 size={24} aria-hidden />} title="There is nothing to connect yet">
        Whoever runs this deployment can offer GitHub, GitLab, Gitea and others here, with settings that begin with{" "}
        <code className="font-mono text-sm">EXTERNAL_AUTH_0_</code>. The README says how.
      </EmptyState>
    );
  }
  return (
    <Card>
      <ul className="divide-y divide-line">
        {providers.map((provider) => (
          <ServiceRow
            key={provider.id}
            provider={provider}
            link={links.find((link) => link.provider_id === provider.id) ?? null}
          />
        ))}
        {leftovers.map((link) => (
          <LeftoverRow key={link.provider_id} link={link} />
        ))}
      </ul>
    </Card>
  );
}

/** How the way to a service ended, when one comes back from it. */
function Outcome({ providers }: Pick<ExternalAuthResponse, "providers">): ReactNode {
  const { failure, provider, connected } = useSearch({ from: "/app/settings/external-auth" });
  const nameOf = (id: string | undefined) => providers.find((each) => each.id === id)?.display_name ?? "The service";
  if (failure !== undefined) {
    return <FormFailure failure={null}>{connectFailureWords(failure, nameOf(provider))}</FormFailure>;
  }
  // Only of one that is there: an address can be made up.
  if (!providers.some(({ id }) => id === connected)) return null;
  return (
    <p role="status" className="flex items-start gap-2.5 rounded-md bg-success-soft px-3 py-2.5 text-sm text-ink">
      <CircleCheck size={16} className="mt-0.5 shrink-0 text-success" aria-hidden />
      <span>
        <bdi className="font-medium">{nameOf(connected)}</bdi> is connected.
      </span>
    </p>
  );
}
