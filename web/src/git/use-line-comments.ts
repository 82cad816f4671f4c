import { useCallback, useMemo, useState } from "react";
import { remember, remembered } from "../shell/remembered.ts";
import { COMMENTS_MAX, readComments, type LineComment } from "./line-comments.ts";

export interface LineComments {
  readonly list: readonly LineComment[];
  readonly full: boolean;
  add(comment: Omit<LineComment, "id">): void;
  remove(id: string): void;
  replace(list: readonly LineComment[]): void;
}

/** Comments of one chat that were not sent yet, kept across reloads. Mount anew (by key) for another chat. */
export function useLineComments(chatId: string): LineComments {
  const name = `comments.${chatId}`;
  const [list, setList] = useState(() => readComments(remembered(name)));

  const change = useCallback(
    (next: (before: readonly LineComment[]) => LineComment[]) =>
      setList((before) => {
        const after = next(before).slice(0, COMMENTS_MAX);
        remember(name, after.length === 0 ? null : JSON.stringify(after));
        return after;
      }),
    [name],
  );

  return useMemo(
    () => ({
      list,
      full: list.length >= COMMENTS_MAX,
      add: (comment) => change((before) => [...before, { ...comment, id: crypto.randomUUID() }]),
      remove: (id) => change((before) => before.filter((each) => each.id !== id)),
      replace: (comments) => change(() => [...comments]),
    }),
    [list, change],
  );
}
