import { useMutation } from "@tanstack/react-query";
import { Ellipsis, PenLine, Star, ToggleLeft, ToggleRight, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { modelConfig } from "../../../../src/contract/models.ts";
import type { ModelConfig, Provider, UpdateModelConfigRequest } from "../../../../src/contract/models.ts";
import { patch, send } from "../../api/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { IconButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { cx } from "../../ui/cx.ts";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { failed } from "../../ui/toaster.tsx";
import { useRefreshModels } from "../providers/refresh.ts";
import { ModelDialog } from "./model-dialog.tsx";
import { priceWords, sourceWords, tokenCount } from "./model-words.ts";

export function ModelRow({ model, providers }: { model: ModelConfig; providers: readonly Provider[] }): ReactNode {
  const refresh = useRefreshModels();
  const [asking, setAsking] = useState<"edit" | "remove" | null>(null);
  const own = model.source === "database";
  const source = sourceWords(model.source);
  const provider = providers.find((each) => each.provider === model.provider);

  const change = useMutation({
    mutationFn: (request: UpdateModelConfigRequest) => patch(`/chats/model-configs/${model.id}`, request, modelConfig),
    onSettled: refresh,
    onError: (error) => failed(`change ${model.display_name}`, error),
  });

  async function remove(): Promise<void> {
    await send("DELETE", `/chats/model-configs/${model.id}`);
    await refresh();
  }

  return (
    <li className="flex items-center gap-4 py-3 pr-3 pl-4" data-testid="model">
      <div
        className={cx(
          "grid min-w-0 flex-1 gap-x-6 gap-y-1 md:grid-cols-[minmax(0,1fr)_15rem]",
          !model.enabled && "text-muted",
        )}
      >
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <h3 className="truncate font-semibold">{model.display_name}</h3>
            {model.is_default && <Badge tone="accent">Default</Badge>}
            {source !== null && <Badge tone={model.source === "demo" ? "warning" : "neutral"}>{source}</Badge>}
            {!model.enabled && <Badge>Off</Badge>}
          </div>
          <p className="mt-0.5 truncate text-sm text-muted">
            {provider?.display_name ?? (model.source === "demo" ? "Built in" : model.provider)}
            {model.source !== "demo" && (
              <>
                {" "}
                · <span className="font-mono">{model.model}</span>
              </>
            )}
          </p>
        </div>
        <div className="tabular self-center text-sm text-muted">
          <p title="US dollars per million tokens">{priceWords(model.model_config.cost)}</p>
          <p className="text-faint">
            {tokenCount(model.context_limit)} context
            {model.compression_threshold < 100
              ? ` · summarised at ${model.compression_threshold} %`
              : " · never summarised"}
          </p>
        </div>
      </div>
      {own ? (
        <Menu
          trigger={
            <IconButton label={`More about ${model.display_name}`} className="max-md:self-start">
              <Ellipsis size={16} aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<PenLine size={16} aria-hidden />} onSelect={() => setAsking("edit")}>
            Change…
          </MenuItem>
          {!model.is_default && model.enabled && (
            <MenuItem icon={<Star size={16} aria-hidden />} onSelect={() => change.mutate({ is_default: true })}>
              Make it the default
            </MenuItem>
          )}
          <MenuItem
            icon={model.enabled ? <ToggleLeft size={16} aria-hidden /> : <ToggleRight size={16} aria-hidden />}
            onSelect={() => change.mutate({ enabled: !model.enabled })}
          >
            {model.enabled ? "Switch off" : "Switch on"}
          </MenuItem>
          <MenuLine />
          <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onSelect={() => setAsking("remove")}>
            Remove…
          </MenuItem>
        </Menu>
      ) : (
        // Keeps the columns of all rows in line.
        <span aria-hidden className="size-7 shrink-0" />
      )}
      {asking === "edit" && <ModelDialog model={model} providers={providers} onClose={() => setAsking(null)} />}
      {asking === "remove" && (
        <ConfirmDialog
          title={`Remove ${model.display_name}?`}
          action="Remove"
          onConfirm={remove}
          onClose={() => setAsking(null)}
        >
          It can no longer be picked. What it said and what that cost stays in every chat; chats that used it go on with
          another model.
        </ConfirmDialog>
      )}
    </li>
  );
}
