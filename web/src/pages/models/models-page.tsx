import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Boxes, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { modelConfigsQuery, providersQuery } from "../../api/queries.ts";
import { isAdmin, useMe } from "../../shell/me.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { ModelDialog } from "./model-dialog.tsx";
import { ModelRow } from "./model-row.tsx";
import { UnpricedModels } from "./unpriced-models.tsx";

/** What can be picked in a chat, with its limits and prices. */
export function ModelsPage(): ReactNode {
  return (
    <SettingsPage
      adminOnly
      title="Models"
      lead="What people can pick in a chat. One is the default; prices make the costs of every chat exact."
    >
      <ModelList />
    </SettingsPage>
  );
}

function ModelList(): ReactNode {
  const enabled = isAdmin(useMe());
  const models = useQuery({ ...modelConfigsQuery, enabled });
  const providers = useQuery({ ...providersQuery, enabled });
  const [adding, setAdding] = useState(false);

  if (models.isPending || providers.isPending) {
    return (
      <div aria-busy role="status" aria-label="Loading models" className="flex flex-col gap-3">
        <Skeleton className="h-9 w-36" />
        <Skeleton className="h-44 rounded-lg" />
      </div>
    );
  }
  if (models.data === undefined || providers.data === undefined) {
    return (
      <ErrorState
        error={models.error ?? providers.error}
        doing="load the models"
        onRetry={() => void Promise.all([models.refetch(), providers.refetch()])}
      />
    );
  }
  const ready = providers.data.filter((provider) => provider.implemented && provider.source !== "supported");
  const add =
    ready.length === 0 ? (
      <Button asChild variant="primary">
        <Link to="/settings/providers">Set up a provider first</Link>
      </Button>
    ) : (
      <Button variant="primary" onClick={() => setAdding(true)}>
        <Plus size={16} aria-hidden />
        Add a model
      </Button>
    );
  return (
    <div className="flex flex-col gap-4">
      {models.data.length === 0 ? (
        <EmptyState icon={<Boxes size={24} aria-hidden />} title="No models yet" action={add}>
          A model is one thing to pick in a chat: a provider, the model's name there, and what it costs.
        </EmptyState>
      ) : (
        <>
          <div className="flex">{add}</div>
          <ul className="divide-y divide-line rounded-lg border border-line bg-overlay">
            {models.data.map((model) => (
              <ModelRow key={model.id} model={model} providers={providers.data} />
            ))}
          </ul>
        </>
      )}
      <UnpricedModels models={models.data} providers={providers.data} />
      {adding && <ModelDialog providers={ready} onClose={() => setAdding(false)} />}
    </div>
  );
}
