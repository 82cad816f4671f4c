import { ListFilter } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../ui/cx.ts";
import { Menu, MenuChoice, MenuLine } from "../ui/menu.tsx";
import { chatConditions, conditionWords, everyActiveChat, filterWords, shelfWords } from "./chat-filter.ts";
import type { ChatFilter } from "./chat-filter.ts";
import { shelves } from "./chat-list.ts";

interface ChatFilterMenuProps {
  filter: ChatFilter;
  onChange: (filter: ChatFilter) => void;
  /** What needs no words. */
  usual?: ChatFilter;
  side?: "top" | "bottom";
}

/** Which chats a list shows: where they are kept and how they stand. */
export function ChatFilterMenu({
  filter,
  onChange,
  usual = everyActiveChat,
  side = "bottom",
}: ChatFilterMenuProps): ReactNode {
  const words = filterWords(filter, usual);
  return (
    <Menu
      side={side}
      trigger={
        <button
          type="button"
          aria-label={`Filter chats: ${words ?? shelfWords[usual.shelf].toLowerCase()}`}
          className={cx(
            "inline-flex h-6 items-center gap-1.5 rounded-sm px-1.5 text-xs font-medium hover:bg-raised hover:text-ink data-[state=open]:bg-raised",
            words === null ? "text-faint" : "text-accent",
          )}
        >
          {words}
          <ListFilter size={14} aria-hidden />
        </button>
      }
    >
      <MenuChoice
        label="Show"
        value={filter.shelf}
        options={shelves.map((value) => ({ value, label: shelfWords[value] }))}
        onValueChange={(value) =>
          onChange({ ...filter, shelf: shelves.find((each) => each === value) ?? everyActiveChat.shelf })
        }
      />
      <MenuLine />
      <MenuChoice
        label="Status"
        value={filter.condition}
        options={chatConditions.map((value) => ({ value, label: conditionWords[value] }))}
        onValueChange={(value) =>
          onChange({
            ...filter,
            condition: chatConditions.find((each) => each === value) ?? everyActiveChat.condition,
          })
        }
      />
    </Menu>
  );
}
