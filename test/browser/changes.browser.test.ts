import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chat as chatSchema, type Chat } from "../../src/contract/chats.ts";
import { startProviderServer, text, toolCall, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import { eventually } from "../support/poll.ts";
import {
  accessibilityFaults,
  completeSetup,
  narrow,
  newPerson,
  openBrowser,
  overflow,
  screenshotEveryWay,
  wide,
  type Person,
} from "./support/person.ts";
import { conversation, seedChat } from "./support/seeding.ts";
import { stageRows } from "./support/stage-rows.ts";

// What a chat changed, beside it: the working tree as the real agent sees it, and the diff of a pull request.

let provider: ProviderServer;
let tideline: OwnTideline;
let browser: Browser;
let ada: Person;
let page: Page;
let bare: Chat;

const looks = ["open", "draft", "merged", "closed"] as const;
/** A chat for each way that a pull request can stand. */
const pullRequests = {} as Record<(typeof looks)[number], Chat>;

beforeAll(async () => {
  provider = await startProviderServer();
  const env = { OPENAI_API_KEY: "sk-scripted", OPENAI_BASE_URL: provider.baseUrl };
  [tideline, browser] = await Promise.all([startOwnTideline({ env }), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  page = ada.page;
  await completeSetup(page, tideline.link);
  provider.when("<question>", [{ parts: [text("Greet the harbour")] }]);
  bare = await seedChat(page, "No workspace at all", conversation(4));
  for (const look of looks) pullRequests[look] = await seedChat(page, `One that is ${look}`, conversation(4));
  await writePullRequests();
}, 180_000);
afterEach(() => page.unrouteAll({ behavior: "ignoreErrors" }));
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
  await provider?.close();
});

describe("the changes in the workspace", () => {
  it("are what the agent left there, and comments on their lines go out with the next message", async () => {
    provider.when("Greet the harbour", [
      {
        parts: [toolCall("write_file", { path: "harbour.md", content: "# Harbour\n\nGood morning.\n" })],
        finish: "tool-calls",
      },
      { parts: [text("It is greeted.")] },
    ]);
    await page.goto("/");
    await say("Greet the harbour");
    await page.getByText("It is greeted.").waitFor();

    await page.getByTestId("toggle-changes").click();
    await tab("Workspace").click();
    const file = changedFile("harbour.md");
    await file.getByText("Good morning.").waitFor();
    expect(await file.innerText()).toContain("New");
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "changes");

    await lineButton(file, 1).click();
    await lineButton(file, 3).click({ modifiers: ["Shift"] });
    await page.getByTestId("comment-editor").fill("Say it in two languages.");
    await page.getByTestId("comment-editor").press("Control+Enter");
    await expect.poll(() => stack().allInnerTexts()).toEqual(["harbour.md:1–3\nSay it in two languages."]);

    // By keyboard alone, and dropped by Escape, which stops nothing else.
    await file.getByRole("group", { name: "Lines of harbour.md" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("comment-editor").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("comment-editor").waitFor({ state: "detached" });

    await page.reload();
    await expect.poll(() => stack().count()).toBe(1);

    const asked = provider.requests.length;
    provider.when("Say it in two languages", [{ parts: [text("Moin is there now, too.")] }]);
    await page.getByTestId("composer-input").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Moin is there now, too.").waitFor();
    await stack().waitFor({ state: "detached" });
    const sent = page.getByRole("article", { name: "You" }).last();
    await expect
      .poll(() => sent.innerText())
      .toMatch(/harbour\.md:1–3[\s\S]*\+Good morning\.[\s\S]*Say it in two languages\./);
    expect(JSON.stringify(provider.requests.slice(asked))).toContain("harbour.md");
    await page.reload();
    await page.getByText("Moin is there now, too.").waitFor();
    expect(await stack().count()).toBe(0);
  });

  it("say plainly that there is no workspace", async () => {
    await open(bare);
    await tab("Workspace").click();
    await page.getByRole("heading", { name: "No workspace", exact: true }).waitFor();
  });
});

describe("the diff of a pull request", () => {
  it("stays quick with 300 files and readable with hostile names, in one column and side by side", async () => {
    const names = [
      `src/${"long-".repeat(60)}name.ts`,
      '<img src=x onerror="document.title=1">.ts',
      "\u05e0\u05de\u05dc.ts",
    ];
    for (let file = names.length; file < 300; file++) names.push(`src/part-${file % 20}/file-${file}.ts`);
    await answerDiff(names.map(diffOf).join("\n"));
    await open(pullRequests.open);
    await expect.poll(() => page.getByTestId("changed-file").count()).toBe(300);
    expect(await overflow(page)).toBe(0);
    const filter = page.getByRole("searchbox", { name: "Find a file" });
    const list = page.getByRole("button", { name: /^300 files/ });
    await filter.or(list).first().waitFor();
    if (!(await filter.isVisible())) await list.click();
    await filter.fill("file-299");
    await page
      .getByRole("list", { name: "Changed files" })
      .getByRole("button", { name: /file-299/ })
      .click();
    await expect.poll(() => changedFile("file-299.ts").isVisible()).toBe(true);
    await changedFile("file-299.ts").getByText("after 1").first().waitFor();

    await widenPanel();
    await page.getByRole("button", { name: "Show side by side" }).click();
    await changedFile("file-299.ts").getByText("before 1").first().waitFor();
    await page.getByRole("button", { name: "Show in one column" }).click();
    expect(await page.title()).not.toBe("1");
  });

  it("says why there is none, and leads to the connected accounts", async () => {
    await page.route("**/api/v2/chats/*/diff", (route) =>
      route.fulfill({
        json: { chat_id: pullRequests.open.id, branch: "tide", unavailable_reason: "GitHub asks to wait until 12:30." },
      }),
    );
    await open(pullRequests.open);
    await page.getByText("GitHub asks to wait until 12:30.").waitFor();
    expect(await page.getByRole("link", { name: "Connected accounts" }).first().getAttribute("href")).toBe(
      "/settings/external-auth",
    );
  });

  it("covers the chat on a phone and gives it back", async () => {
    await answerDiff(diffOf("src/a.ts"));
    await page.setViewportSize(narrow);
    await page.goto(`/chats/${pullRequests.open.id}`);
    await page.getByTestId("toggle-changes").click();
    await changedFile("src/a.ts").getByText("after 1").first().waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Close changes" }).click();
    await page.getByTestId("changes-panel").waitFor({ state: "detached" });
    await page.setViewportSize(wide);
  });
});

describe("the sidebar", () => {
  it("shows what became of a pull request, in words, too", async () => {
    await page.goto("/");
    for (const look of looks) {
      const row = page.getByTestId("sidebar-chat").filter({ hasText: `One that is ${look}` });
      await row.locator(`[data-pull-request=${look}]`).waitFor();
      expect(await row.innerText()).toContain(`Pull request ${look}: Raise the wall`);
      expect(await row.innerText()).toContain("12 lines added, 3 removed.");
    }
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "sidebar-pull-requests");
    await page.goto(`/chats/${pullRequests.open.id}`);
    const chip = page.getByTestId("pull-request-chip");
    expect(await chip.getAttribute("href")).toBe("https://github.com/tide/line/pull/7");
    expect(await chip.innerText()).toContain("#7");
  });
});

async function say(words: string): Promise<void> {
  await page.getByTestId("composer-input").fill(words);
  await page.getByTestId("composer-input").press("Enter");
}

/** A chat with its changes open. */
async function open(chat: Chat): Promise<void> {
  await page.goto(`/chats/${chat.id}`);
  const toggle = page.getByTestId("toggle-changes");
  if ((await toggle.getAttribute("aria-pressed")) === "false") await toggle.click();
  await page.getByTestId("changes-panel").waitFor();
}

const tab = (name: string): Locator => page.getByRole("tab", { name });
const changedFile = (name: string): Locator => page.getByTestId("changed-file").filter({ hasText: name });
const lineButton = (file: Locator, line: number): Locator =>
  file.getByRole("button", { name: `Comment on line ${line}`, exact: true });
const stack = (): Locator => page.getByTestId("line-comment");

async function widenPanel(): Promise<void> {
  const handle = page.getByRole("separator", { name: "Width of the changes" });
  await handle.focus();
  for (let step = 0; step < 8; step++) await handle.press("ArrowLeft");
}

function diffOf(name: string): string {
  return [
    `diff --git a/${name} b/${name}`,
    `--- a/${name}`,
    `+++ b/${name}`,
    "@@ -1,3 +1,3 @@",
    " same",
    "-const before 1 = 1;",
    "+const after 1 = 2;",
    " same",
  ].join("\n");
}

async function answerDiff(diff: string): Promise<void> {
  await page.route("**/api/v2/chats/*/diff", (route) =>
    route.fulfill({ json: { chat_id: crypto.randomUUID(), provider: "github", branch: "tide", diff } }),
  );
}

/** As a sync would have written them; one way into the database, since each takes seconds. */
async function writePullRequests(): Promise<void> {
  const url = "https://github.com/tide/line/pull/7";
  const now = Date.now();
  const rows = looks.map((look) => ({
    chat_id: pullRequests[look].id,
    owner_id: pullRequests[look].owner_id,
    url,
    pull_request_state: look === "draft" ? "open" : look,
    pull_request_title: "Raise the wall",
    pull_request_draft: look === "draft" ? 1 : 0,
    additions: 12,
    deletions: 3,
    changed_files: 2,
    pr_number: 7,
    head_branch: "wall",
    stale_at: now + 3_600_000,
    created_at: now,
    updated_at: now,
  }));
  await stageRows(tideline, { chat_diff_statuses: rows });
  await eventually("the chats have them", async () => {
    const read = chatSchema.parse(await (await page.request.get(`/api/v2/chats/${pullRequests.closed.id}`)).json());
    return read.diff_status?.url === url ? true : null;
  });
}
