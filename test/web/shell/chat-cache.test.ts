import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Chat } from "../../../src/contract/chats.ts";
import { chatListQuery, chatQuery } from "../../../web/src/api/queries.ts";
import { loadedTree, tellChats } from "../../../web/src/shell/chat-cache.ts";
import { chatLists, loadedChats, type ChatList } from "../../../web/src/shell/chat-list.ts";
import { chatOf } from "../chat-of.ts";
import { soon } from "../../support/soon.ts";

const root = chatOf(1);
const child = chatOf(2, { parent_chat_id: root.id, root_chat_id: root.id });
let queryClient: QueryClient;

beforeEach(() => {
  queryClient = new QueryClient();
});

function setList(shelf: ChatList, items: Chat[]): void {
  queryClient.setQueryData(chatListQuery(shelf).queryKey, {
    pages: [{ items, hasMore: false }],
    pageParams: [undefined],
  });
}
async function readAnew(shelf: ChatList): Promise<void> {
  await queryClient.fetchInfiniteQuery({ ...chatListQuery(shelf), staleTime: 0 });
}
function listed(shelf: ChatList = "active"): string[] {
  const pages = queryClient.getQueryData(chatListQuery(shelf).queryKey);
  return pages === undefined ? [] : loadedChats(pages).map((chat) => chat.title);
}

describe("tellChats", () => {
  it("hears no late word of a child whose root was archived, until the root is back", () => {
    setList("active", [root, child, chatOf(3)]);
    tellChats(queryClient, { kind: "deleted", chat: { ...root, archived: true } });
    expect(listed()).toEqual(["Chat 3"]);
    // Read from the database before the tree was archived, sent after.
    tellChats(queryClient, { kind: "status_change", chat: { ...child, version: 2, status: "running" } });
    tellChats(queryClient, { kind: "updated", chat: root });
    expect(listed()).toEqual(["Chat 3"]);
    tellChats(queryClient, { kind: "created", chat: root });
    tellChats(queryClient, { kind: "updated", chat: { ...child, version: 3 } });
    expect(listed()).toEqual(["Chat 1", "Chat 2", "Chat 3"]);
  });

  it("still hears where archived children belong among the archived ones", () => {
    setList("archived", []);
    tellChats(queryClient, { kind: "deleted", chat: { ...root, archived: true } });
    tellChats(queryClient, { kind: "updated", chat: { ...child, archived: true } });
    expect(listed("archived")).toEqual(["Chat 1", "Chat 2"]);
  });

  it("keeps what others share in a list of its own, and takes a tree out when the share ends", () => {
    for (const list of chatLists) setList(list, []);
    const theirs = { ...root, your_role: "viewer" as const };
    const theirChild = { ...child, your_role: "viewer" as const };
    tellChats(queryClient, { kind: "created", chat: theirs });
    tellChats(queryClient, { kind: "updated", chat: theirChild });
    tellChats(queryClient, { kind: "created", chat: chatOf(3, { your_role: "owner" }) });
    // Looked at by an administrator: nobody has shared it.
    tellChats(queryClient, { kind: "updated", chat: chatOf(4, { your_role: "site" }) });
    expect(listed("shared")).toEqual(["Chat 1", "Chat 2"]);
    for (const list of ["active", "all"] as const) expect(listed(list)).toEqual(["Chat 3"]);

    tellChats(queryClient, { kind: "deleted", chat: theirs });
    tellChats(queryClient, { kind: "status_change", chat: { ...theirChild, version: 2 } });
    expect(listed("shared")).toEqual([]);
    tellChats(queryClient, { kind: "created", chat: { ...theirs, your_role: "collaborator" } });
    expect(listed("shared")).toEqual(["Chat 1"]);
    tellChats(queryClient, { kind: "deleted", chat: { ...theirs, archived: true } });
    for (const list of ["shared", "archived"] as const) expect(listed(list)).toEqual([]);
  });

  it("archives the open pages of the tree, too, and leaves others alone", () => {
    for (const chat of [root, child, chatOf(3)]) queryClient.setQueryData(chatQuery(chat.id).queryKey, chat);
    tellChats(queryClient, { kind: "deleted", chat: { ...root, archived: true } });
    const archived = [root, child, chatOf(3)].map(
      (chat) => queryClient.getQueryData(chatQuery(chat.id).queryKey)?.archived,
    );
    expect(archived).toEqual([true, true, false]);
    tellChats(queryClient, { kind: "created", chat: { ...root, version: 0 } });
    expect(queryClient.getQueryData(chatQuery(root.id).queryKey)).toMatchObject({ version: 1, archived: false });
  });

  it("keeps what happens while each of two lists is being read", async () => {
    const answers: ((chats: Chat[]) => void)[] = [];
    vi.stubGlobal("location", { origin: "https://tideline.test" });
    vi.stubGlobal("fetch", () => new Promise((done) => answers.push((chats) => done(Response.json(chats)))));
    setList("active", [root, child]);
    setList("all", [root, child]);
    const reads = [readAnew("active"), readAnew("all")];
    await soon(() => expect(answers).toHaveLength(2));
    tellChats(queryClient, { kind: "deleted", chat: { ...root, archived: true } });
    for (const answer of answers) answer([root, child]);
    await Promise.all(reads);
    expect(listed()).toEqual([]);
    tellChats(queryClient, { kind: "updated", chat: child });
    expect(listed()).toEqual([]);
    vi.unstubAllGlobals();
  });

  it("keeps what happens to a chat while it is being read, and believes a later answer", async () => {
    const answers: ((chat: Chat) => void)[] = [];
    vi.stubGlobal("location", { origin: "https://tideline.test" });
    vi.stubGlobal("fetch", () => new Promise((done) => answers.push((chat) => done(Response.json(chat)))));
    const busy: Chat = { ...child, status: "running" };
    const read = queryClient.fetchQuery(chatQuery(child.id));
    await soon(() => expect(answers).toHaveLength(1));
    tellChats(queryClient, { kind: "status_change", chat: { ...child, version: 2 } });
    answers[0]?.(busy);
    await read;
    expect(queryClient.getQueryData(chatQuery(child.id).queryKey)).toMatchObject({ version: 2, status: "waiting" });

    const later = queryClient.fetchQuery({ ...chatQuery(child.id), staleTime: 0 });
    await soon(() => expect(answers).toHaveLength(2));
    tellChats(queryClient, { kind: "status_change", chat: { ...child, version: 3 } });
    answers[1]?.({ ...busy, version: 4 });
    await later;
    expect(queryClient.getQueryData(chatQuery(child.id).queryKey)).toMatchObject({ version: 4, status: "running" });
    vi.unstubAllGlobals();
  });

  it("believes a list that was read later: a root in it is back", async () => {
    vi.stubGlobal("location", { origin: "https://tideline.test" });
    vi.stubGlobal("fetch", async () => Response.json([root]));
    setList("active", [root, child]);
    tellChats(queryClient, { kind: "deleted", chat: { ...root, archived: true } });
    await readAnew("active");
    tellChats(queryClient, { kind: "updated", chat: child });
    expect(listed()).toEqual(["Chat 1", "Chat 2"]);
    vi.unstubAllGlobals();
  });
});

describe("loadedTree", () => {
  it("finds a root's children in every list, and with a child only itself", () => {
    setList("active", [child]);
    setList("archived", [chatOf(3, { parent_chat_id: root.id, root_chat_id: root.id, archived: true })]);
    expect(loadedTree(queryClient, root).map((chat) => chat.title)).toEqual(["Chat 1", "Chat 2", "Chat 3"]);
    expect(loadedTree(queryClient, child).map((chat) => chat.title)).toEqual(["Chat 2"]);
  });
});
