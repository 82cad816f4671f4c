import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChartColumn, MessageSquare } from "lucide-react";
import type { ReactNode } from "react";
import type { ChatUsage, CostSummary, ModelUsage } from "../../../../src/contract/usage.ts";
import { usageDaysQuery, usageSummaryQuery, type UsageQuestion } from "../../api/usage-queries.ts";
import { personName } from "../../shell/names.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Calls } from "./calls-table.tsx";
import { Crumbs } from "./crumbs.tsx";
import { DailyCost } from "./daily-cost.tsx";
import type { LeadTo } from "./lead-to.ts";
import { UsageCards } from "./usage-cards.tsx";
import { isEmpty, UsageNotes } from "./usage-notes.tsx";
import { UsageShape } from "./usage-shape.tsx";
import { UsageTable } from "./usage-table.tsx";
import { chatName, usageSentence } from "./usage-words.ts";

interface PersonFiguresProps {
  question: UsageQuestion & { user: string };
  /** Of when: "in the last 30 days". */
  when: string;
  isOwn: boolean;
  leadTo: LeadTo;
  /** What stands before the person in the way to here. */
  before?: ReactNode;
}

/** What somebody spent; narrowed to a model or a chat, down to the rows that it is made of. */
export function PersonFigures({ question, when, isOwn, leadTo, before }: PersonFiguresProps): ReactNode {
  const summary = useQuery(usageSummaryQuery(question));
  if (summary.isPending) return <UsageShape />;
  if (summary.data === undefined) {
    return <ErrorState error={summary.error} doing="load the figures" onRetry={() => void summary.refetch()} />;
  }
  const { data } = summary;
  const { model, chat } = question;
  const name = data.user === undefined ? "" : personName(data.user);
  const narrowed = model !== undefined || chat !== undefined;
  const modelName = data.by_model.at(0)?.display_name ?? "A model";
  const chatTitle =
    data.by_chat.at(0) === undefined ? "A chat" : chatName(data.by_chat[0] ?? { chat_title: "" }, isOwn);
  const steps = [
    before,
    (before !== undefined || narrowed) &&
      leadTo({ model: undefined, chat: undefined }, isOwn ? "All of your usage" : <bdi>{name}</bdi>),
    model !== undefined && leadTo({ chat: undefined }, <bdi>{modelName}</bdi>),
    chat !== undefined && leadTo({}, <bdi>{chatTitle}</bdi>),
  ].filter((step) => step !== undefined && step !== false);
  return (
    <div aria-busy={summary.isPlaceholderData} className="flex min-w-0 flex-col gap-8">
      {steps.length > 1 && <Crumbs steps={steps} />}
      {isEmpty(data) ? (
        <NothingUsed when={when} isOwn={isOwn} isNarrowed={narrowed} name={name} />
      ) : (
        <Figures {...{ question, when, isOwn, leadTo }} summary={data} name={name} />
      )}
    </div>
  );
}

interface FiguresProps extends Omit<PersonFiguresProps, "before"> {
  summary: CostSummary;
  name: string;
}

function Figures({ question, summary, when, isOwn, leadTo, name }: FiguresProps): ReactNode {
  const { model, chat } = question;
  const ofChat = summary.by_chat.at(0);
  const opens = chat !== undefined && ofChat !== undefined && ofChat.chat_title !== "";
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <p role="status" className="max-w-measure text-lg">
          <bdi>{usageSentence(summary, isOwn ? "You" : name, when)}</bdi>
        </p>
        {opens && (
          <Button asChild size="sm">
            <Link to="/chats/$chatId" params={{ chatId: chat }}>
              <MessageSquare size={14} aria-hidden />
              Open the chat
            </Link>
          </Button>
        )}
      </div>
      <UsageCards summary={summary} />
      <UsageNotes summary={summary} />
      {chat === undefined && <Days question={question} />}
      {model === undefined && (
        <Section title="By model">
          <UsageTable
            label="By model"
            of="Model"
            rows={summary.by_model}
            keyOf={(row) => row.model_config_id}
            name={(row) => <ModelCell model={row} leadTo={leadTo} />}
            total={summary}
          />
        </Section>
      )}
      {chat === undefined && (
        <Section
          title="By chat"
          description={
            summary.chat_count > summary.by_chat.length
              ? `The dearest ${summary.by_chat.length} of ${summary.chat_count}, each with its sub-agents.`
              : "Each with its sub-agents."
          }
        >
          <UsageTable
            label="By chat"
            of="Chat"
            rows={summary.by_chat}
            keyOf={(row) => row.root_chat_id}
            name={(row) => <ChatCell chat={row} isOwn={isOwn} leadTo={leadTo} />}
            total={summary.chat_count > summary.by_chat.length ? undefined : summary}
          />
        </Section>
      )}
      {chat !== undefined && <Calls question={question} summary={summary} opens={opens} />}
    </>
  );
}

function Days({ question }: { question: UsageQuestion }): ReactNode {
  const days = useQuery(usageDaysQuery(question));
  if (days.isPending) return <Skeleton className="h-72 rounded-lg" />;
  if (days.data === undefined) {
    return <ErrorState error={days.error} doing="load the days" onRetry={() => void days.refetch()} />;
  }
  return <DailyCost days={days.data.days} />;
}

/** What a model is called, and whose it is. */
export function ModelCell({ model, leadTo }: { model: ModelUsage; leadTo: LeadTo }): ReactNode {
  return (
    <span className="block min-w-0" title={model.display_name}>
      {leadTo({ model: model.model_config_id }, <bdi>{model.display_name}</bdi>)}
      <span className="block truncate text-xs text-muted">{model.provider === "unknown" ? "" : model.provider}</span>
    </span>
  );
}

function ChatCell({ chat, isOwn, leadTo }: { chat: ChatUsage; isOwn: boolean; leadTo: LeadTo }): ReactNode {
  const name = chatName(chat, isOwn);
  return (
    <span className="block min-w-0" title={name}>
      {leadTo({ chat: chat.root_chat_id }, <bdi>{name}</bdi>)}
      {chat.chat_title === "" ? (
        // Several of them would look the same.
        <span className="block font-mono text-xs text-muted" title={chat.root_chat_id}>
          …{chat.root_chat_id.slice(-8)}
        </span>
      ) : (
        <Link
          to="/chats/$chatId"
          params={{ chatId: chat.root_chat_id }}
          aria-label={`Open the chat ${name.slice(0, 100)}`}
          className="text-xs text-muted hover:text-accent hover:underline"
        >
          Open chat
        </Link>
      )}
    </span>
  );
}

interface NothingUsedProps {
  when: string;
  isOwn: boolean;
  isNarrowed: boolean;
  name: string;
}

function NothingUsed({ when, isOwn, isNarrowed, name }: NothingUsedProps): ReactNode {
  const icon = <ChartColumn size={24} aria-hidden />;
  if (isNarrowed || !isOwn) {
    return (
      <EmptyState icon={icon} title={`No model calls ${when}`}>
        {isNarrowed
          ? "There were none of these in this time. Another range may have some."
          : `${name} has not used a model in this time.`}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={icon}
      title={`You have not used a model ${when}`}
      action={
        <Button asChild variant="primary">
          <Link to="/">Start a chat</Link>
        </Button>
      }
    >
      Every answer of a model is counted here, with its tokens and what it cost.
    </EmptyState>
  );
}
