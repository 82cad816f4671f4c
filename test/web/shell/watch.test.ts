import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Chat } from "../../../src/contract/chats.ts";
import type { User } from "../../../src/contract/identity.ts";
import { chatsQuery, meQuery } from "../../../web/src/api/queries.ts";
import { listedChats } from "../../../web/src/shell/chat-list.ts";
import { forgetSignedOut, guessSignedOut, signedOut } from "../../../web/src/shell/signed-out.ts";
import { watchChats } from "../../../web/src/shell/watch.ts";
import { chatOf } from "../chat-of.ts";

/** What the browser's WebSocket does, moved by hand. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  static get last(): FakeSocket {
    const last = FakeSocket.made.at(-1);
    if (last === undefined) throw new Error("No socket was opened");
    return last;
  }
  readonly url: string;
  readonly sent: string[] = [];
  readyState = 0;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
  closedByServer(code: number, reason: string): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }
  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }
  receive(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
let listAnswers: ((chats: Chat[]) => void)[];
let queryClient: QueryClient;
let end: () => void;
let connected: ReturnType<typeof vi.fn<(up: boolean) => void>>;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
  listAnswers = [];
  connected = vi.fn();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", page);
  vi.stubGlobal("location", { origin: "https://tideline.test" });
  vi.stubGlobal("fetch", () => new Promise((resolve) => listAnswers.push((chats) => resolve(Response.json(chats)))));
  queryClient = new QueryClient();
});
afterEach(() => {
  end();
  queryClient.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const ada: User = {
  id: "0198c0de-0000-7000-8000-0000000000ad",
  username: "ada",
  email: "ada@example.com",
  name: "",
  avatar_url: "",
  status: "active",
  login_type: "password",
  roles: ["member"],
  organization_ids: [],
  is_service_account: false,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
  last_seen_at: null,
};

async function readList(chats: Chat[]): Promise<void> {
  const read = queryClient.fetchInfiniteQuery(chatsQuery);
  await vi.waitFor(() => expect(listAnswers).toHaveLength(1));
  listAnswers.shift()?.(chats);
  await read;
}
function titles(): string[] {
  const pages = queryClient.getQueryData(chatsQuery.queryKey);
  return pages === undefined ? [] : listedChats(pages).map((chat) => chat.title);
}

describe("watchChats", () => {
  it("connects to the secure address and writes events into the list", async () => {
    await readList([chatOf(1)]);
    end = watchChats(queryClient, connected);
    expect(FakeSocket.last.url).toBe("wss://tideline.test/api/v2/chats/watch");
    FakeSocket.last.receive(
      JSON.stringify({ kind: "title_change", chat: chatOf(1, { version: 2, title: "Renamed" }) }),
    );
    expect(titles()).toEqual(["Renamed"]);
  });

  it("ignores what it does not know", async () => {
    await readList([chatOf(1)]);
    end = watchChats(queryClient, connected);
    for (const text of ["pong", "{", '{"kind":"from the future"}', "null"]) FakeSocket.last.receive(text);
    expect(titles()).toEqual(["Chat 1"]);
  });

  it("keeps an event that came while an older list was on its way", async () => {
    await readList([chatOf(1)]);
    end = watchChats(queryClient, connected);
    const read = queryClient.refetchQueries({ queryKey: chatsQuery.queryKey });
    await vi.waitFor(() => expect(listAnswers).toHaveLength(1));
    FakeSocket.last.receive(JSON.stringify({ kind: "created", chat: chatOf(0) }));
    listAnswers.shift()?.([chatOf(1)]);
    await read;
    expect(titles()).toEqual(["Chat 0", "Chat 1"]);
  });

  it("marks the list for reading on every connect", async () => {
    await readList([chatOf(1)]);
    end = watchChats(queryClient, connected);
    FakeSocket.last.open();
    expect(queryClient.getQueryState(chatsQuery.queryKey)?.isInvalidated).toBe(true);
  });

  it("comes back after a lost connection, and not after its end", async () => {
    end = watchChats(queryClient, connected);
    FakeSocket.last.close();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(FakeSocket.made).toHaveLength(2);
    end();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  describe("told that its session has ended", () => {
    const SUSPENDED = "You were signed out: your account was suspended.";
    afterEach(forgetSignedOut);

    it("asks at once who is signed in, and says why nobody is", () => {
      queryClient.setQueryData(meQuery.queryKey, ada);
      end = watchChats(queryClient, connected);
      FakeSocket.last.open();
      FakeSocket.last.closedByServer(4403, SUSPENDED);
      expect(queryClient.getQueryState(meQuery.queryKey)?.isInvalidated).toBe(true);
      expect(signedOut()).toBe(SUSPENDED);
    });

    it("is known with the server's last frame, before the line is closed", () => {
      queryClient.setQueryData(meQuery.queryKey, ada);
      end = watchChats(queryClient, connected);
      FakeSocket.last.open();
      FakeSocket.last.receive(JSON.stringify({ kind: "ended", reason: SUSPENDED }));
      expect(queryClient.getQueryState(meQuery.queryKey)?.isInvalidated).toBe(true);
      expect(signedOut()).toBe(SUSPENDED);
      FakeSocket.last.closedByServer(4403, SUSPENDED);
      expect(connected.mock.calls).toEqual([[true], [false]]);
    });

    it("corrects what was guessed when another request was refused first", () => {
      end = watchChats(queryClient, connected);
      FakeSocket.last.open();
      guessSignedOut();
      end();
      expect(signedOut()).toBe("You were signed out: your session has ended.");
      FakeSocket.last.closedByServer(4403, SUSPENDED);
      expect(signedOut()).toBe(SUSPENDED);
      guessSignedOut();
      expect(signedOut()).toBe(SUSPENDED);
    });

    it("says nothing to who went by themselves, and hears nothing more for who comes next", async () => {
      await readList([chatOf(1)]);
      end = watchChats(queryClient, connected);
      FakeSocket.last.open();
      guessSignedOut();
      end();
      forgetSignedOut();
      FakeSocket.last.receive(
        JSON.stringify({ kind: "title_change", chat: chatOf(1, { version: 2, title: "Secret" }) }),
      );
      FakeSocket.last.closedByServer(4403, SUSPENDED);
      expect(signedOut()).toBeNull();
      expect(titles()).toEqual(["Chat 1"]);
    });
  });

  it("tells when it is and is not up to date", async () => {
    end = watchChats(queryClient, connected);
    FakeSocket.last.open();
    FakeSocket.last.close();
    await vi.advanceTimersByTimeAsync(2_000);
    FakeSocket.last.open();
    expect(connected.mock.calls).toEqual([[true], [false], [true]]);
  });

  it("replaces a connection on which nobody answers", async () => {
    end = watchChats(queryClient, connected);
    FakeSocket.last.open();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(FakeSocket.last.sent).toEqual(["ping"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("keeps a connection whose pings are answered", async () => {
    end = watchChats(queryClient, connected);
    FakeSocket.last.open();
    for (let minute = 0; minute < 5; minute += 1) {
      await vi.advanceTimersByTimeAsync(30_000);
      FakeSocket.last.receive("pong");
    }
    expect(FakeSocket.made).toHaveLength(1);
  });
});
