import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { chat as chatSchema, type Chat } from "../../src/contract/chats.ts";
import { startProviderServer, text, toolCall, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import { eventually } from "../support/poll.ts";
import { holdOlderPages, inView, still, watchInView } from "./support/in-view.ts";
import { longestByRound, slowdown, watchLongTasks, type LongTasks } from "./support/long-tasks.ts";
import { accessibilityFaults, completeSetup, newPerson, openBrowser, type Person } from "./support/person.ts";
import { conversation, messageIds, seedChat, seedChats } from "./support/seeding.ts";

// An account that was used for months: 300 chats, one of them with 5,000 messages.

const CHATS = 300;
const MANY = 5_000;
const FEW = 50;
/** Longer than this and a person feels that the page does not answer. */
const LONG_TASK_MS = 100;
const PARENT = "Delegate the survey";
const CHILD = "Count the files";
const BARNACLE = "A barnacle clings to the hull.";

let provider: ProviderServer;
let tideline: OwnTideline;
let browser: Browser;
let ada: Person;
let page: Page;
let long: Chat;
let short: Chat;
let parent: Chat;
let child: Chat;

beforeAll(async () => {
  provider = await startProviderServer();
  provider.when("<question>", [{ parts: [text("Survey the harbour")] }]);
  provider.when(PARENT, [
    {
      parts: [toolCall("spawn_agent", { prompt: `${CHILD} of this folder`, title: CHILD })],
      finish: "tool-calls",
    },
    { parts: [text("It is on its way.")] },
  ]);
  const env = { OPENAI_API_KEY: "sk-test-of-scale", OPENAI_BASE_URL: provider.baseUrl };
  [tideline, browser] = await Promise.all([startOwnTideline({ env }), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  page = ada.page;
  await completeSetup(page, tideline.link);

  // The oldest of all: what comes after it pushes it off the sidebar's first page.
  parent = chatSchema.parse(await post("/chats", { content: [{ type: "text", text: PARENT }] }));
  child = await eventually("the sub-agent has answered", async () => {
    const found = (await chats()).find((each) => each.parent_chat_id === parent.id);
    return found?.status === "waiting" && found.has_unread ? found : null;
  });
  const messages = conversation(MANY);
  messages[400] = { role: "user", content: [{ type: "text", text: BARNACLE }] };
  long = await seedChat(page, "The long one", messages);
  short = await seedChat(page, "The short one", conversation(FEW));
  await seedChats(page, CHATS - 4);
}, 300_000);
afterEach(() => page.unrouteAll({ behavior: "ignoreErrors" }));
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
  await provider?.close();
});

describe(`a chat of ${MANY} messages in an account of ${CHATS} chats`, () => {
  it(`can be used as soon as one of ${FEW}`, async () => {
    const times = { long: [] as number[], short: [] as number[] };
    // 150 ms: what the machine alone makes of difference between two loads of one page.
    const soon = () => median(times.long) <= median(times.short) * 1.5 + 150;
    // The first look at each warms what both share: the server's code, the browser's cache. Where the machine had
    // something else to do meanwhile, more looks tell; a page that is slow is slow in all of them.
    for (let round = 0; round < 4 || (round < 10 && !soon()); round++) {
      const few = await usableAfter(short, FEW);
      const many = await usableAfter(long, MANY);
      if (round === 0) continue;
      times.short.push(few);
      times.long.push(many);
    }
    console.log(`usable after, ms: ${FEW} messages ${times.short.join(" ")}, ${MANY} messages ${times.long.join(" ")}`);
    expect(soon(), JSON.stringify(times)).toBe(true);
  });

  it("scrolls up through its pages without a long task, each message once and in order", async () => {
    await open(long);
    const tasks = await watchLongTasks(page);
    await timeline().hover();
    const before = await height();
    const rounds = await longestByRound(tasks, async () => {
      for (let turn = 0; turn < 30; turn++) {
        await page.mouse.wheel(0, -500);
        await page.waitForTimeout(40);
      }
      const ids = await inView(timeline());
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    });
    await expectNoLongTask("scrolling up through messages", rounds);
    // Pages that a busy machine still owes.
    await eventually("older messages have come in", async () => {
      await page.mouse.wheel(0, -500);
      return (await height()) > before * 2 ? true : null;
    });
  });
});

describe("older messages that come in above", () => {
  it("move nothing that is in view, at the top and in the middle of a page, whatever turn they cut", async () => {
    await open(long);
    const held = await holdOlderPages(page);
    for (const further of [0, 300, 5_000]) {
      await scrollUpUntil(held.asked);
      // By a wheel that turns on while they are on their way: at last to the very top.
      await page.mouse.wheel(0, -further);
      await still(timeline());
      const seen = await inView(timeline());
      const before = await height();
      const watched = await watchInView(timeline());
      held.release();
      await grown(before);
      await still(timeline());
      expect(await watched.moved()).toEqual([]);
      expect(await inView(timeline())).toEqual(expect.arrayContaining(seen));
    }
  });

  it("move nothing while the agent writes below, and nothing when they are the last", async () => {
    provider.when("Go on", [
      { parts: [text("I begin."), { type: "hold", name: "below" }, text(" And this is the end.".repeat(40))] },
    ]);
    const two = await seedChat(page, "Two pages", conversation(FEW * 2));
    await open(two);
    await page.getByTestId("composer-input").fill("Go on");
    await page.keyboard.press("Enter");
    await page.getByText("I begin.").waitFor();
    const held = await holdOlderPages(page);
    await scrollUpUntil(held.asked);
    await still(timeline());
    const before = await height();
    const watched = await watchInView(timeline());
    provider.release("below");
    held.release();
    await grown(before);
    await turnOver();
    await still(timeline());
    expect(await watched.moved()).toEqual([]);
  });
});

describe("a message that was found", () => {
  it("is read back to, shown, marked and given the focus, and stays where it is", async () => {
    await open(short);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("barnacle");
    await page.getByRole("option").filter({ hasText: "barnacle" }).click();
    await page.getByTestId("looking-for-message").waitFor();
    await found().waitFor();
    expect(await found().innerText()).toContain(BARNACLE);
    // The address is the chat's again, so that a reload does not pull the reader back.
    await page.waitForURL((url) => url.pathname.endsWith(long.id) && url.search === "");
    await found().and(page.locator(":focus")).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.locator("[data-marked]").waitFor({ state: "detached" });
    const watched = await watchInView(timeline());
    await page.waitForTimeout(1_000);
    expect(await watched.moved()).toEqual([]);
    await page.getByTestId("jump-to-latest").click();
    await page.getByText(`Answer ${MANY / 4 - 1}:`).waitFor();
  });

  it("is marked without motion for whoever wants none", async () => {
    const [id] = await messageIds(page, short.id, "user");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(`/chats/${short.id}?message=${id}`);
    await page.locator("[data-marked]").waitFor();
    const animation = await found().evaluate((row) => getComputedStyle(row, "::after").animationName);
    expect(animation).toBe("none");
    await page.emulateMedia({ reducedMotion: "no-preference" });
  });

  it("is said to be gone when it is not there any more", async () => {
    await page.goto(`/chats/${short.id}?message=99999`);
    await page.getByText("That message is not here any more").waitFor();
    await page.waitForURL((url) => url.search === "");
    expect(await found().count()).toBe(0);
  });
});

describe("the sidebar", () => {
  it("asks for a parent by its id when only its sub-agent is on the first page", async () => {
    await post(`/chats/${child.id}/messages`, { content: [{ type: "text", text: "And the folders?" }] });
    await eventually("the sub-agent is on the first page and its parent is not", async () => {
      const ids = (await chats()).map(({ id }) => id);
      return ids.includes(child.id) && !ids.includes(parent.id) ? true : null;
    });
    await page.goto("/");
    const nested = page.locator("[data-testid=sidebar-chat][data-nested]").filter({ hasText: CHILD });
    await nested.waitFor();
    const above = page.locator("li").filter({ has: nested }).first().getByTestId("sidebar-chat").first();
    expect(await above.getAttribute("href")).toBe(`/chats/${parent.id}`);
  });

  it(`shows ${CHATS} chats, scrolls without a long task, and can be walked with Tab`, async () => {
    const loading: number[] = [];
    let tasks = await showAllChats();
    for (let longest = await tasks.longest(); loading.push(longest) < 3 && longest > LONG_TASK_MS;) {
      tasks = await showAllChats();
      longest = await tasks.longest();
    }
    expect(new Set(await rows().evaluateAll((all) => all.map((row) => row.getAttribute("href")))).size).toBeGreaterThan(
      CHATS,
    );
    await page.getByRole("navigation", { name: "Chats" }).hover();
    const rounds = await longestByRound(tasks, async () => {
      for (let turn = 0; turn < 40; turn++) {
        await page.mouse.wheel(0, turn < 20 ? 600 : -600);
        await page.waitForTimeout(30);
      }
    });
    await expectNoLongTask("showing all chats", loading);
    await expectNoLongTask("scrolling the sidebar", rounds);

    const far = rows().nth(200);
    await far.focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const focused = page.locator("[data-testid=sidebar-chat]:focus");
    const next = await rows().nth(201).getAttribute("href");
    await expect.poll(() => focused.getAttribute("href")).toBe(next);
    await expect.poll(() => focused.evaluate((row) => row.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
    expect(ada.complaints).toEqual([]);
  });
});

function timeline(): Locator {
  return page.getByTestId("chat-timeline");
}
function rows(): Locator {
  return page.getByTestId("sidebar-chat");
}
function found(): Locator {
  return page.getByTestId("found-message");
}

async function open(chat: Chat): Promise<void> {
  await page.goto(`/chats/${chat.id}`);
  await timeline().locator("[data-testid^=message-]").last().waitFor();
}

/** Opens the sidebar anew and takes every page of it; watches from its first one on. */
async function showAllChats(): Promise<LongTasks> {
  await page.goto("/");
  await rows().first().waitFor();
  const tasks = await watchLongTasks(page);
  await tasks.clear();
  const more = page.getByRole("button", { name: "Show more" });
  for (let count = await rows().count(); await more.isVisible(); count = await rows().count()) {
    await more.click();
    // The last page may hold nothing but a parent that is there already.
    await expect.poll(async () => (await rows().count()) > count || !(await more.isVisible())).toBe(true);
  }
  return tasks;
}

/** Milliseconds from the request of the page until one can write and the newest answer is on the screen. */
async function usableAfter(chat: Chat, messages: number): Promise<number> {
  await page.goto(`/chats/${chat.id}`, { waitUntil: "commit" });
  const last = `Answer ${Math.ceil(messages / 4) - 1}`;
  const newest = messages % 4 === 0 ? last : `part-${Math.ceil(messages / 4) - 1}`;
  const usable = await page.waitForFunction((words) => {
    const input = document.querySelector<HTMLTextAreaElement>("[data-testid=composer-input]");
    const shown = [...document.querySelectorAll("[data-testid=chat-timeline] [data-testid^=message-]")].at(-1);
    const box = shown?.getBoundingClientRect();
    const ready = input?.disabled === false && shown?.textContent.includes(words) === true;
    return ready && box !== undefined && box.height > 0 && box.top < innerHeight ? performance.now() : null;
  }, newest);
  return Math.round(Number(await usable.jsonValue()));
}

/**
 * Nothing that the page does takes longer than {@link LONG_TASK_MS}. What the page makes it makes in every round,
 * so the calmest one counts; and on a machine that others use, too, the same work may take longer than it needs.
 */
async function expectNoLongTask(what: string, rounds: readonly number[]): Promise<void> {
  const machine = await slowdown(page);
  console.log(`longest task ${what}, ms by round: ${rounds.join(" ")} (slowdown by others: ${machine.toFixed(2)})`);
  expect(Math.min(...rounds)).toBeLessThanOrEqual(LONG_TASK_MS * machine);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function height(): Promise<number> {
  return timeline().evaluate((view) => view.scrollHeight);
}
async function grown(before: number, by = 500): Promise<void> {
  await expect.poll(height).toBeGreaterThan(before + by);
}
async function turnOver(): Promise<void> {
  await page.locator("[data-testid=chat-status][data-status=waiting]").waitFor();
}
async function scrollUpUntil(reached: () => boolean): Promise<void> {
  await timeline().hover();
  await eventually("the wheel has turned far enough", async () => {
    await page.mouse.wheel(0, -200);
    return reached() ? true : null;
  });
}
async function post(path: string, body: unknown): Promise<unknown> {
  const response = await page.request.post(`/api/v2${path}`, {
    headers: { origin: new URL(page.url()).origin },
    data: body,
  });
  if (!response.ok()) throw new Error(`${path} answered ${response.status()}: ${await response.text()}`);
  return response.json();
}
/** The sidebar's first page. */
async function chats(): Promise<Chat[]> {
  const response = await page.request.get("/api/v2/chats?archived=false");
  return z.array(chatSchema).parse(await response.json());
}
