import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Cpu, FolderGit2 } from "lucide-react";
import type { ReactNode } from "react";
import type { ModelCatalogue } from "../../../src/contract/models.ts";
import type { Workspace } from "../../../src/contract/workspaces.ts";
import { liveWorkspacesQuery, modelsQuery, workspacesQuery } from "../api/queries.ts";
import { StatusDot, type Tone } from "../ui/badge.tsx";
import { Picker } from "../ui/picker.tsx";
import { count } from "./words.ts";

export type CatalogueModel = ModelCatalogue["providers"][number]["models"][number];

/** The models that can be picked now, over all providers. */
export function useModels(): { models: readonly CatalogueModel[]; loading: boolean } {
  const { data, isPending } = useQuery(modelsQuery);
  const models = data?.providers.filter((provider) => provider.available).flatMap((provider) => provider.models) ?? [];
  return { models, loading: isPending };
}

/** The first of the wishes that can be had, else the default, else any. */
export function chooseModel(
  models: readonly CatalogueModel[],
  wishes: readonly (string | null | undefined)[],
): CatalogueModel | null {
  for (const wish of wishes) {
    const found = models.find((model) => model.model_config_id === wish);
    if (found !== undefined) return found;
  }
  return models.find((model) => model.is_default) ?? models[0] ?? null;
}

export function ModelPicker({ value, onPick }: { value: string | null; onPick: (id: string) => void }): ReactNode {
  const { data } = useQuery(modelsQuery);
  const providers = data?.providers ?? [];
  const options = providers
    .filter((provider) => provider.available)
    .flatMap((provider) =>
      provider.models.map((model) => ({
        value: model.model_config_id,
        label: model.display_name,
        detail: model.scripted ? "scripted demo, no AI" : `${count(model.context_limit)} tokens of context`,
        group: provider.display_name,
        keywords: [model.model, provider.provider],
      })),
    );
  return (
    <Picker
      label="Model"
      side="top"
      value={value}
      options={options}
      onPick={onPick}
      placeholder="No model"
      empty="No model is set up yet."
      data-testid="model-picker"
      footer={<ManageLink to="/settings/models">Manage models</ManageLink>}
    />
  );
}

const agentWords: Record<Workspace["agent"]["status"], { words: string; tone: Tone }> = {
  connected: { words: "connected", tone: "success" },
  connecting: { words: "not connected yet", tone: "neutral" },
  disconnected: { words: "disconnected", tone: "warning" },
};

export function useWorkspaces(): { workspaces: readonly Workspace[]; loading: boolean } {
  const { data, isPending } = useQuery(liveWorkspacesQuery);
  return { workspaces: usable(data?.workspaces ?? []), loading: isPending };
}

/** A role may show workspaces in which one's chats run nothing. */
function usable(workspaces: readonly Workspace[]): readonly Workspace[] {
  return workspaces.filter((workspace) => workspace.your_actions?.includes("use") ?? true);
}

const NO_WORKSPACE = "none";

/** What was used last, if it is still there; else the only one that is connected; else the only one. */
export function chooseWorkspace(workspaces: readonly Workspace[], last: string | null): string | null {
  if (last === NO_WORKSPACE) return null;
  const known = workspaces.find((workspace) => workspace.id === last);
  if (known !== undefined) return known.id;
  const connected = workspaces.filter((workspace) => workspace.agent.status === "connected");
  if (connected.length === 1) return connected[0]?.id ?? null;
  return workspaces.length === 1 ? (workspaces[0]?.id ?? null) : null;
}

/** A chat that is open all day asks less often than the page where one waits for a workspace. */
const LOOK_AGAIN_MS = 20_000;

interface WorkspacePickerProps {
  value: string | null;
  onPick: (id: string | null) => void;
}

export function WorkspacePicker({ value, onPick }: WorkspacePickerProps): ReactNode {
  const { data, isPending } = useQuery({ ...workspacesQuery, refetchInterval: LOOK_AGAIN_MS });
  const workspaces = usable(data?.workspaces ?? []);
  const gone = value !== null && !isPending && !workspaces.some((workspace) => workspace.id === value);
  const options = [
    ...workspaces.map((workspace) => {
      const state = agentWords[workspace.agent.status];
      const owner = (workspace.your_role ?? "owner") === "owner" ? "" : `${workspace.owner_name}’s · `;
      const place = workspace.agent.directory === "" ? "" : ` · ${workspace.agent.directory}`;
      return {
        value: workspace.id,
        label: workspace.agent.status === "connected" ? workspace.name : `${workspace.name} · ${state.words}`,
        keywords: [workspace.name],
        detail: `${owner}${state.words}${place}`,
        icon: <StatusDot tone={state.tone} />,
      };
    }),
    ...(gone ? [{ value, label: "Its workspace is gone", icon: <StatusDot tone="warning" />, disabled: true }] : []),
    {
      value: NO_WORKSPACE,
      label: "No workspace",
      detail: "only talk; no commands and no files",
      icon: <span className="size-2" />,
    },
  ];
  return (
    <Picker
      label="Workspace"
      side="top"
      value={value ?? NO_WORKSPACE}
      options={options}
      onPick={(picked) => onPick(picked === NO_WORKSPACE ? null : picked)}
      placeholder="No workspace"
      data-testid="workspace-picker"
      footer={<ManageLink to="/workspaces">Connect a workspace</ManageLink>}
    />
  );
}

/** Remembered as its own word: no workspace was a choice, not a lack of one. */
export function workspaceMemory(value: string | null): string {
  return value ?? NO_WORKSPACE;
}

function ManageLink({ to, children }: { to: "/settings/models" | "/workspaces"; children: ReactNode }): ReactNode {
  return (
    <Link
      to={to}
      className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-muted hover:bg-raised hover:text-ink"
    >
      {to === "/workspaces" ? <FolderGit2 size={14} aria-hidden /> : <Cpu size={14} aria-hidden />}
      {children}
    </Link>
  );
}
