import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useRef, useState } from "react";
import { chat as chatSchema } from "../../../src/contract/chats.ts";
import { post } from "../api/client.ts";
import { chatQuery, workspacesQuery } from "../api/queries.ts";
import { OrganizationSwitch } from "../shell/organization-switch.tsx";
import { PageHeader } from "../shell/page-header.tsx";
import { useTitle } from "../shell/page.tsx";
import { organizationOfNew } from "../shell/rights.ts";
import { sentFiles } from "./attachments/attachments.ts";
import { DropZone } from "./attachments/drop-zone.tsx";
import { useAttachments } from "./attachments/use-attachments.ts";
import { NoModel } from "./chat-foot.tsx";
import { Composer } from "./composer.tsx";
import { newInput } from "./content.ts";
import { LimitNotice } from "../usage/limit-notice.tsx";
import { failureWords } from "./outgoing.ts";
import {
  chooseModel,
  chooseWorkspace,
  ModelPicker,
  useModels,
  useWorkspaces,
  WorkspacePicker,
  workspaceMemory,
} from "./pickers.tsx";
import { remember, remembered } from "./storage.ts";
import { Tideline } from "./tideline.tsx";
import { useDraft } from "./use-draft.ts";

const suggestions = ["Fix the failing test", "Explain how this project is built", "Find the riskiest code and say why"];

/** A calm start: say what should happen, where, and with which model. */
export function NewChatPage(): ReactNode {
  useTitle("New chat");
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { models, loading: modelsLoading } = useModels();
  const { workspaces } = useWorkspaces();
  const [draft, setDraft] = useDraft("new");
  const files = useAttachments("new");
  const [pickedModel, setPickedModel] = useState<string | null>(null);
  const [pickedWorkspace, setPickedWorkspace] = useState<{ id: string | null } | null>(null);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const model = chooseModel(models, [pickedModel, remembered("model")]);
  const workspaceId =
    pickedWorkspace === null ? chooseWorkspace(workspaces, remembered("workspace")) : pickedWorkspace.id;
  const keyFor = useRequestKey();

  /** Whoever types faster than the list loads gets the workspace that the list would have shown. */
  async function whereToWork(): Promise<string | null> {
    if (pickedWorkspace !== null) return pickedWorkspace.id;
    const { workspaces: known } = await queryClient.ensureQueryData(workspacesQuery);
    return chooseWorkspace(known, remembered("workspace"));
  }

  async function create(): Promise<void> {
    const content = newInput(draft, sentFiles(files.store.list()));
    if (content.length === 0 || sending) return;
    setSending(true);
    setFailure(null);
    try {
      const body = {
        content,
        ...(await organizationOfNew(queryClient)),
        workspace_id: await whereToWork(),
        ...(model === null ? {} : { model_config_id: model.model_config_id }),
      };
      const created = await post("/chats", body, chatSchema, { idempotencyKey: keyFor(JSON.stringify(body)) });
      queryClient.setQueryData(chatQuery(created.id).queryKey, created);
      setDraft("");
      files.store.replace([]);
      await navigate({ to: "/chats/$chatId", params: { chatId: created.id } });
    } catch (error) {
      setFailure(failureWords(error));
      setSending(false);
    }
  }

  const noModel = !modelsLoading && model === null;
  return (
    <DropZone onFiles={files.add} className="flex h-full min-h-0 flex-col overflow-y-auto">
      <PageHeader title={<span className="sr-only">New chat</span>} lined={false} actions={<OrganizationSwitch />} />
      <div className="flex flex-1 flex-col pt-[clamp(1rem,22vh,16rem)] pb-8">
        <div className="px-4 sm:px-8">
          <h2 className="column pb-6 text-2xl font-semibold text-balance">What should change?</h2>
        </div>
        <div className="relative bg-surface px-4 pt-4 pb-3 sm:px-8">
          <Tideline tide={sending ? "moving" : failure === null ? "still" : "failed"} fill={null} />
          <div className="column">
            <LimitNotice />
            <Composer
              text={draft}
              onChange={setDraft}
              files={files}
              onSend={() => void create()}
              placeholder="Describe a change, a bug, or a question"
              rows={2}
              blocked={noModel ? <NoModel /> : null}
              busy={sending}
              pickers={
                <>
                  <WorkspacePicker
                    value={workspaceId}
                    onPick={(id) => {
                      setPickedWorkspace({ id });
                      remember("workspace", workspaceMemory(id));
                    }}
                  />
                  <ModelPicker
                    value={model?.model_config_id ?? null}
                    onPick={(id) => {
                      setPickedModel(id);
                      remember("model", id);
                    }}
                  />
                </>
              }
            />
          </div>
        </div>
        <div className="px-4 sm:px-8">
          <div className="column pt-3">
            {failure !== null && (
              <p role="alert" className="pb-3 text-danger">
                The chat was not started. {failure} Your text is still there.
              </p>
            )}
            <p data-testid="chat-status" className="sr-only" role="status">
              {sending ? "Starting…" : ""}
            </p>
            <ul aria-label="Suggestions" className="-mx-2 flex flex-wrap gap-x-1 gap-y-0.5">
              {suggestions.map((suggestion) => (
                <li key={suggestion}>
                  <button
                    type="button"
                    onClick={() => {
                      setDraft(suggestion);
                      document.querySelector<HTMLTextAreaElement>("[data-testid=composer-input]")?.focus();
                    }}
                    className="min-h-8 rounded-md px-2 text-left text-muted hover:bg-raised hover:text-ink"
                  >
                    {suggestion}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        </div>
      </div>
    </DropZone>
  );
}

/** One idempotency key for one body: sent again after a failure it makes the same chat, changed it makes another. */
function useRequestKey(): (body: string) => string {
  const last = useRef<{ body: string; key: string } | null>(null);
  return (body) => {
    if (last.current?.body !== body) last.current = { body, key: crypto.randomUUID() };
    return last.current.key;
  };
}
