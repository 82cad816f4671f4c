import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { providersQuery } from "../../api/queries.ts";
import { isAdmin, useMe } from "../../shell/me.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Section } from "../../ui/card.tsx";
import { Notice } from "../../ui/notice.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { ProviderCard } from "./provider-card.tsx";

/** Who answers: the model providers of this deployment, and their keys. */
export function ProvidersPage(): ReactNode {
  return (
    <SettingsPage
      adminOnly
      title="Providers"
      lead="Who runs the models. A key is sealed before it is stored and never shown again, to nobody."
    >
      <ProviderList />
    </SettingsPage>
  );
}

function ProviderList(): ReactNode {
  const admin = isAdmin(useMe());
  const providers = useQuery({ ...providersQuery, enabled: admin });
  if (providers.isPending) {
    return (
      <div aria-busy role="status" aria-label="Loading providers" className="flex flex-col gap-3">
        <Skeleton className="h-20 rounded-lg" />
        <Skeleton className="h-20 rounded-lg" />
        <Skeleton className="h-20 rounded-lg" />
      </div>
    );
  }
  if (providers.data === undefined) {
    return <ErrorState error={providers.error} doing="load the providers" onRetry={() => void providers.refetch()} />;
  }
  const usable = providers.data.filter((provider) => provider.implemented);
  const later = providers.data.filter((provider) => !provider.implemented);
  const anyReady = usable.some((provider) => provider.enabled && provider.source !== "supported");
  return (
    <>
      {!anyReady && (
        <Notice>
          <p>
            No provider is set up, so chats are answered by the scripted demo, which is no AI. Add one key below and
            real models answer from the next message on.
          </p>
        </Notice>
      )}
      <ul className="flex flex-col gap-3">
        {usable.map((provider) => (
          <ProviderCard key={provider.provider} provider={provider} />
        ))}
      </ul>
      {later.length > 0 && (
        <Section title="Not in this version">
          <p className="text-muted">
            {later.map((provider) => provider.display_name).join(", ")}. Many of them can be reached today as an
            OpenAI-compatible provider with its own base address.
          </p>
        </Section>
      )}
    </>
  );
}
