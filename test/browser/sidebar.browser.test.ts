import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProviderServer, text, toolCall, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import {
  accessibilityFaults,
  completeSetup,
  newPerson,
  openBrowser,
  overflow,
  narrow,
  wide,
} from "./support/person.ts";
import { screenshotEveryWay, type Person } from "./support/person.ts";

// The sidebar, the palette and the prompts, on two devices of one person. The steps stand on each other.

const PARENT = "Delegate the survey";
const CHILDREN = ["Read the notes", "Count the files"];

let tideline: OwnTideline;
let provider: ProviderServer;
let browser: Browser;
let laptop: Person;
let phone: Person;
let parentId = "";

beforeAll(async () => {
  provider = await startProviderServer();
  const env = { OPENAI_API_KEY: "sk-test-of-the-sidebar", OPENAI_BASE_URL: provider.baseUrl };
  [tideline, browser] = await Promise.all([startOwnTideline({ env }), openBrowser()]);
  laptop = await newPerson(browser, tideline.url);
  await completeSetup(laptop.page, tideline.link);
  phone = await newPerson(browser, tideline.url, { as: laptop });
  provider.when(PARENT, [
    {
      parts: CHILDREN.map((title) => toolCall("spawn_agent", { prompt: `${title} of this folder`, title })),
      finish: "tool-calls",
    },
    { parts: [text("Both are on their way.")] },
  ]);
});
afterAll(async () => {
  await browser?.close();
  await provider?.close();
  await tideline?.remove();
});

describe("the sidebar", () => {
  it("nests sub-agents under their parent, open while one of them is the page", async () => {
    const { page } = laptop;
    await phone.page.goto("/workspaces");
    await page.getByTestId("composer-input").fill(PARENT);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/chats\//);
    parentId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await page.getByText("Both are on their way.").waitFor();
    await toggle(page).waitFor();
    for (const title of CHILDREN) await nested(page).filter({ hasText: title }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    await nested(page).filter({ hasText: "Count the files" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(parentId));
    await nested(page).and(page.locator("[aria-current=page]")).filter({ hasText: "Count the files" }).waitFor();

    // Elsewhere they are folded, and told in words.
    await toggle(phone.page).waitFor();
    await toggle(phone.page).and(phone.page.locator("[aria-expanded=false]")).waitFor();
    await nested(phone.page).first().waitFor({ state: "hidden" });
    await toggle(phone.page).click();
    await nested(phone.page).first().waitFor();
    await screenshotEveryWay(page, "sub-agents-sidebar");
  });

  it("marks an answer as unread on all devices until it is seen on one", async () => {
    await laptop.page.goto("/workspaces");
    await roots(laptop.page).first().waitFor();
    await sayInParent(laptop.page, "And what is the tide doing?");
    for (const { page } of [laptop, phone]) {
      await roots(page).filter({ hasText: "Unread." }).waitFor();
      await expect.poll(() => page.title()).toBe("(1) Workspaces · Tideline");
    }
    await screenshotEveryWay(laptop.page, "unread");
    await roots(laptop.page).first().click();
    for (const { page } of [laptop, phone]) {
      await roots(page).filter({ hasText: "Unread." }).waitFor({ state: "detached" });
      await expect.poll(() => page.title()).not.toMatch(/^\(/);
    }
    // Seen while it is written: never unread here.
    await laptop.page.reload();
    await roots(laptop.page).first().waitFor();
    expect(await roots(laptop.page).filter({ hasText: "Unread." }).count()).toBe(0);
  });

  it("archives a tree with one event: no child stands as a root on any device; the undo brings all back", async () => {
    for (const { page } of [laptop, phone]) await watchForStrayChildren(page);
    await rowMenu(laptop.page, "Archive");
    for (const { page } of [laptop, phone]) await roots(page).first().waitFor({ state: "detached" });
    await laptop.page.getByRole("button", { name: "Undo" }).click();
    for (const { page } of [laptop, phone]) await toggle(page).waitFor();
    // The server agrees, with the children.
    await laptop.page.reload();
    await toggle(laptop.page).waitFor();
    await watchForStrayChildren(laptop.page);

    await rowMenu(laptop.page, "Archive");
    for (const { page } of [laptop, phone]) await roots(page).first().waitFor({ state: "detached" });
    // What comes late would come now.
    await laptop.page.waitForTimeout(1_500);
    for (const { page } of [laptop, phone]) {
      expect(await page.getByTestId("sidebar-chat").count()).toBe(0);
      expect(await strayChildren(page)).toEqual([]);
    }
  });

  it("shows the archive and takes a chat out of it", async () => {
    const { page } = laptop;
    await chooseFilter(page, "Archived");
    await toggle(page).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "archive");
    await rowMenu(page, "Take out of the archive");
    await page.getByText("The archive is empty.").waitFor();
    await page.getByRole("button", { name: "Show active chats" }).click();
    await toggle(page).waitFor();
    await toggle(phone.page).waitFor();
  });

  it("filters by status, and says so when nothing is like that", async () => {
    const { page } = laptop;
    await chooseFilter(page, "Failed");
    await page.getByText("No chat is like that right now.").waitFor();
    await page.getByRole("button", { name: "Show active chats" }).click();
    await roots(page).first().waitFor();
  });
});

describe("the palette", () => {
  it("finds what was said and leads to the message", async () => {
    const { page } = laptop;
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("on their w");
    const found = page.getByRole("option").filter({ hasText: "Agent in" });
    await found.first().waitFor();
    expect(await found.first().locator("mark").allInnerTexts()).toContain("their");
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "search");
    await found.first().click();
    await page.waitForURL((url) => url.pathname.endsWith(parentId));
    await page.getByTestId("found-message").getByText("on their way").waitFor();
  });
});

describe("the prompts", () => {
  it("keep a draft through a failed save and a refetch, and what was saved through a reload", async () => {
    const { page } = laptop;
    await page.goto("/settings/prompts");
    const own = page.getByRole("textbox", { name: "Your instructions" });
    const form = page.locator("form").filter({ has: own });
    const save = form.getByRole("button", { name: "Save" });
    expect(await save.isDisabled()).toBe(true);
    await own.fill("Answer briefly.");

    await page.route("**/user-prompt", (route) =>
      route.request().method() === "PUT" ? route.abort() : route.continue(),
    );
    await save.click();
    await form.getByText("Not saved; what you wrote is still here.").waitFor();
    expect(await own.inputValue()).toBe("Answer briefly.");
    await page.unroute("**/user-prompt");

    // Another device saves something else; this one reads it and keeps its own draft.
    await putPrompt(phone.page, "From the phone.");
    await Promise.all([
      page.waitForResponse((response) => response.url().endsWith("/user-prompt")),
      page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))),
    ]);
    expect(await own.inputValue()).toBe("Answer briefly.");
    await save.click();
    await page.getByText("Instructions saved").waitFor();
    await page.reload();
    await expect.poll(() => own.inputValue()).toBe("Answer briefly.");

    await own.fill("🌊".repeat(8_193));
    await form.getByText("32,772 of 32,768 bytes: too long to save").waitFor();
    expect(await save.isDisabled()).toBe(true);
    await form.getByRole("button", { name: "Discard changes" }).click();
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize(wide);
    await screenshotEveryWay(page, "prompts");
  });

  it("are pointed out in the chats that they apply to, and only there", async () => {
    const { page } = laptop;
    await page.goto(`/chats/${parentId}`);
    const pointer = page.getByRole("link", { name: "Your instructions" });
    await pointer.waitFor();
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize(wide);
    await pointer.click();
    const own = page.getByRole("textbox", { name: "Your instructions" });
    await own.fill("");
    await page.locator("form").filter({ has: own }).getByRole("button", { name: "Save" }).click();
    await page.getByText("Instructions saved").waitFor();
    await page.goBack();
    await page.getByTestId("composer-input").waitFor();
    await expect.poll(() => pointer.count()).toBe(0);
  });

  it("have a threshold of one's own for each model beside them", async () => {
    const { page } = laptop;
    await page.goto("/settings/account");
    const picker = page.getByRole("combobox", { name: /^Summarise chats with/ }).first();
    await picker.click();
    await Promise.all([
      page.waitForResponse(
        (response) => response.request().method() === "PUT" && /user-compaction-thresholds/.test(response.url()),
      ),
      page.getByRole("option", { name: "At 50 %" }).click(),
    ]);
    await page.reload();
    await picker.getByText("At 50 %").waitFor();
  });
});

describe("signing out", () => {
  it("leaves nothing unsent behind in this browser", async () => {
    const { page } = laptop;
    await page.goto("/");
    await page.getByTestId("composer-input").fill("a secret that was never sent");
    await expect.poll(() => unsent(page)).toHaveLength(1);
    await page.getByTestId("user-menu").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByLabel("Password").waitFor();
    await expect.poll(() => unsent(page)).toEqual([]);
    const failures = laptop.complaints.filter((complaint) => !complaint.includes("user-prompt"));
    expect([...failures, ...phone.complaints].filter((complaint) => !complaint.includes("401"))).toEqual([]);
  });
});

function rows(page: Page): Locator {
  return page.getByTestId("sidebar-chat");
}
function roots(page: Page): Locator {
  return page.locator("[data-testid=sidebar-chat]:not([data-nested])");
}
function nested(page: Page): Locator {
  return rows(page).and(page.locator("[data-nested]"));
}
function toggle(page: Page): Locator {
  return page.getByRole("button", { name: /^2 sub-agents/ });
}

async function rowMenu(page: Page, item: string): Promise<void> {
  await roots(page).first().hover();
  await page
    .getByRole("button", { name: /^More about/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: item }).click();
}

async function chooseFilter(page: Page, choice: string): Promise<void> {
  await page.getByRole("button", { name: /^Filter chats/ }).click();
  await page.getByRole("menuitemradio", { name: choice }).click();
  await page.keyboard.press("Escape");
}

/** From now on every child that stands as a root, be it for one frame, is written down. */
async function watchForStrayChildren(page: Page): Promise<void> {
  await page.evaluate((titles) => {
    const seen = new Set<string>();
    new MutationObserver(() => {
      for (const row of document.querySelectorAll("[data-testid=sidebar-chat]:not([data-nested])")) {
        for (const title of titles) if (row.textContent.includes(title)) seen.add(title);
      }
      document.body.dataset.strays = [...seen].join();
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  }, CHILDREN);
}
async function strayChildren(page: Page): Promise<string[]> {
  return ((await page.evaluate(() => document.body.dataset.strays)) ?? "").split(",").filter((title) => title !== "");
}

async function sayInParent(page: Page, words: string): Promise<void> {
  await page.evaluate(
    async ({ path, body }) => {
      const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
      if (!response.ok) throw new Error(await response.text());
    },
    {
      path: `/api/v2/chats/${parentId}/messages`,
      body: JSON.stringify({ content: [{ type: "text", text: words }] }),
    },
  );
}
async function putPrompt(page: Page, prompt: string): Promise<void> {
  await page.evaluate(
    async (body) => {
      const headers = { "content-type": "application/json" };
      await fetch("/api/v2/chats/config/user-prompt", { method: "PUT", headers, body });
    },
    JSON.stringify({ custom_prompt: prompt }),
  );
}

function unsent(page: Page): Promise<string[]> {
  return page.evaluate(() => Object.keys(localStorage).filter((key) => /^tideline\.(draft|outgoing)\./.test(key)));
}
