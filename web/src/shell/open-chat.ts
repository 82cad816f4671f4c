import { useParams } from "@tanstack/react-router";

/** The chat whose page is open, or null. */
export function useOpenChat(): string | null {
  return useParams({ strict: false, select: (params) => params.chatId ?? null });
}
