import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { send } from "../../api/client.ts";
import { systemPromptQuery, userPromptQuery } from "../../api/queries.ts";
import { isAdmin, useMe } from "../../shell/me.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { PromptForm } from "./prompt-form.tsx";

/** What the agent is told before anybody says something. */
export function PromptsPage(): ReactNode {
  return (
    <SettingsPage
      title="Prompts"
      lead="What the agent is told before the first message: yours in all of your chats, and the one for everybody."
    >
      <OwnInstructions />
      <SystemPrompt />
    </SettingsPage>
  );
}

function OwnInstructions(): ReactNode {
  const queryClient = useQueryClient();
  const prompt = useQuery(userPromptQuery);

  async function save(text: string): Promise<void> {
    await send("PUT", "/chats/config/user-prompt", { custom_prompt: text });
    // A read that began before may still answer with what was.
    await queryClient.cancelQueries({ queryKey: userPromptQuery.queryKey });
    queryClient.setQueryData(userPromptQuery.queryKey, { custom_prompt: text });
  }

  return (
    <Section
      title="Your instructions"
      description="How you want to be worked with: style, habits, what to leave alone. Only your own chats get them, running ones from their next step on."
    >
      {prompt.data !== undefined ? (
        <PromptForm
          label="Your instructions"
          saved={prompt.data.custom_prompt}
          whenEmpty="Empty means that you add nothing."
          savedWords="Instructions saved"
          save={save}
        />
      ) : prompt.isError ? (
        <ErrorState error={prompt.error} doing="load your instructions" onRetry={() => void prompt.refetch()} />
      ) : (
        <Skeleton className="h-52 rounded-lg" />
      )}
    </Section>
  );
}

function SystemPrompt(): ReactNode {
  const queryClient = useQueryClient();
  const admin = isAdmin(useMe());
  const prompt = useQuery(systemPromptQuery);

  async function save(text: string): Promise<void> {
    await send("PUT", "/chats/config/system-prompt", { system_prompt: text });
    // A read that began before may still answer with what was.
    await queryClient.cancelQueries({ queryKey: systemPromptQuery.queryKey });
    queryClient.setQueryData(systemPromptQuery.queryKey, { system_prompt: text });
  }

  return (
    <Section
      title="System prompt"
      description={
        admin
          ? "What every new chat of this deployment begins with, in place of the built-in prompt. Chats keep the one that they began with."
          : "What every new chat of this deployment begins with. Its owners write it."
      }
    >
      {prompt.data === undefined ? (
        prompt.isError ? (
          <ErrorState error={prompt.error} doing="load the system prompt" onRetry={() => void prompt.refetch()} />
        ) : (
          <Skeleton className="h-52 rounded-lg" />
        )
      ) : admin ? (
        <PromptForm
          label="System prompt"
          saved={prompt.data.system_prompt}
          whenEmpty="Empty means the built-in prompt."
          savedWords="System prompt saved"
          save={save}
        />
      ) : prompt.data.system_prompt === "" ? (
        <p className="text-muted">The built-in prompt serves; nobody has written another one.</p>
      ) : (
        <Card className="max-h-[60dvh] overflow-y-auto px-4 py-3">
          <p className="leading-relaxed break-words whitespace-pre-wrap">{prompt.data.system_prompt}</p>
        </Card>
      )}
    </Section>
  );
}
