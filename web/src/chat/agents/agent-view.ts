import { createContext, type ReactNode } from "react";

/**
 * How a sub-agent's chat is shown inside its card. The page provides it, since a card is part of a
 * conversation and holds one; a card in a card has none, as sub-agents do not delegate.
 */
export const AgentViewContext = createContext<((chatId: string) => ReactNode) | null>(null);
