import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startProviderServer,
  text,
  toolCall,
  type ProviderServer,
  type Scenario,
} from "../fixtures/provider-server/server.ts";
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

// What a person does in a chat besides talking, against a model whose every word is known.

let provider: ProviderServer;
let tideline: OwnTideline;
let browser: Browser;
let ada: Person;
let page: Page;

beforeAll(async () => {
  provider = await startProviderServer();
  const env = { OPENAI_API_KEY: "sk-scripted", OPENAI_BASE_URL: provider.baseUrl };
  [tideline, browser] = await Promise.all([startOwnTideline({ env }), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  page = ada.page;
  await completeSetup(page, tideline.link);
  // Titles are asked for with the words of the conversation, which must not be taken for it.
  provider.when("<question>", [{ parts: [text("Work on the parser")] }]);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
  await provider?.close();
});

describe("the queue", () => {
  it("shows what waits, and lets it be moved, edited, deleted and brought back", async () => {
    provider.when("Long work", [{ parts: [text("I begin."), { type: "hold", name: "long" }, text(" Done.")] }]);
    provider.when("Then", [{ parts: [text("And that is done, too.")] }]);
    await newChat("Long work, please");
    await page.getByText("I begin.").waitFor();
    for (const [index, words] of ["Then rename it", "Then test it", "Then document it"].entries()) {
      await say(words);
      await queued().nth(index).waitFor();
    }
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "queue");

    const grip = queued().nth(2).getByRole("button", { name: /^Move/ });
    await grip.focus();
    await grip.press("ArrowUp");
    await queueIs("Then rename it", "Then document it", "Then test it");
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toContain("Then document it");

    const handle = await queued().nth(0).getByRole("button", { name: /^Move/ }).boundingBox();
    if (handle === null) throw new Error("The handle is not on the page.");
    await page.mouse.move(handle.x + 4, handle.y + 8);
    await page.mouse.down();
    await page.mouse.move(handle.x + 4, handle.y + 75, { steps: 4 });
    await page.mouse.up();
    await queueIs("Then document it", "Then test it", "Then rename it");

    await queued().nth(1).getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByTestId("edit-bar").waitFor();
    await say("Then test it twice");
    await page.getByTestId("edit-bar").waitFor({ state: "detached" });
    await queueIs("Then document it", "Then test it twice", "Then rename it");

    await queued().nth(0).getByRole("button", { name: "Delete", exact: true }).click();
    await queueIs("Then test it twice", "Then rename it");
    await page.getByRole("button", { name: "Undo" }).click();
    await queueIs("Then document it", "Then test it twice", "Then rename it");
  });

  it("says so when another browser was faster, and shows how things are", async () => {
    const second = await newPerson(browser, tideline.url, { as: ada });
    await second.page.goto(page.url());
    await second.page.getByTestId("queued-message").nth(2).waitFor();
    await queued().nth(2).getByRole("button", { name: "Edit", exact: true }).click();
    await second.page.getByTestId("queued-message").nth(2).getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("was sent or deleted meanwhile").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("edit-bar").waitFor({ state: "detached" });
    await queueIs("Then document it", "Then test it twice");
    expect(await status()).toBe("running");
    await second.leave();
  });

  it("sends the first one now on Enter without text, and the rest after it", async () => {
    await page.getByTestId("composer-input").press("Enter");
    await page.getByText("Then test it twice").waitFor();
    await idle();
    await queued().first().waitFor({ state: "detached" });
    const answered = provider.requests.filter(({ asked }) => asked.text.startsWith("Then"));
    expect(answered.map(({ asked }) => asked.text)).toEqual(["Then document it", "Then test it twice"]);
    await page.getByTestId("stopped-mark").first().waitFor();
  });
});

describe("an edit", () => {
  it("replaces the message and what followed, and Escape leaves all as it was", async () => {
    provider.when("Alpha", [{ parts: [text("You said alpha.")] }]);
    provider.when("Beta", [{ parts: [text("You said beta.")] }]);
    await newChat("Alpha");
    await answer("You said alpha.").waitFor();
    await idle();
    await editFirst();
    await page.getByText("Everything after this message will be replaced.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "edit");
    await page.keyboard.press("Escape");
    await page.getByTestId("edit-bar").waitFor({ state: "detached" });
    await answer("You said alpha.").waitFor();

    await editFirst();
    await say("Beta");
    await page.getByText("You said beta.").waitFor();
    await idle();
    await answer("You said alpha.").waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("You said beta.").waitFor();
    expect(await page.getByText("alpha").count()).toBe(0);
  });
});

describe("a summary", () => {
  it("is a line in the conversation that opens", async () => {
    provider.enqueue({ parts: [text("Ada asked about **beta**.")] });
    await page.getByTestId("chat-menu").click();
    await page.getByRole("menuitem", { name: "Summarise now" }).click();
    const marker = page.getByTestId("summary-marker");
    await marker.getByRole("button", { name: /Summarised · \d+ % of context/ }).click();
    await marker.getByText("Ada asked about").waitFor();
    await idle();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "summary");
    await page.getByTestId("context-meter").hover();
    await page.getByRole("tooltip").getByText("Summarised at 70%").waitFor();
  });
});

describe("a failure", () => {
  it("is shown with its retries while it may pass, and goes by itself", async () => {
    const busy = { status: 429, errorType: "rate_limit_error", message: "Slow down", headers: { "retry-after": "9" } };
    provider.enqueue({ fail: busy }, { parts: [text("Here I am.")] });
    await newChat("Be busy first");
    const notice = page.getByTestId("retry-notice");
    const first = await notice.getByText(/Trying again in \d s/).innerText();
    await notice
      .getByText(/Trying again in \d s/)
      .filter({ hasNotText: first })
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await answer("Here I am.").waitFor();
    await idle();
    await notice.waitFor({ state: "detached" });
  });

  it("stays in the chat and in the sidebar over a reload, and goes from both with the next answer", async () => {
    const refused = { status: 401, errorType: "authentication_error", message: "Incorrect API key provided" };
    provider.when("Fail now", [{ fail: refused }]);
    await say("Fail now");
    const alert = page.getByRole("alert").filter({ hasText: "The provider refused the key" });
    const row = page.getByTestId("sidebar-chat").filter({ hasText: "did not accept the API key" });
    for (const time of ["at once", "after a reload"]) {
      await alert.waitFor();
      await row.waitFor();
      expect(await row.count(), time).toBe(1);
      await page.reload();
    }
    provider.when("Once more", [{ parts: [text("It works again.")] }]);
    await say("Once more");
    await answer("It works again.").waitFor();
    await idle();
    await alert.waitFor({ state: "detached" });
    await eventually("the sidebar has forgotten it", async () => ((await row.count()) === 0 ? true : null));
  });
});

describe("sub-agents", () => {
  it("stream live in their parent's card and on a page of their own, which leads back", async () => {
    provider.when("Review the parser", [
      { parts: [text("The parser is fine, "), { type: "hold", name: "review" }, text("but for its errors.")] },
    ]);
    const turn: Scenario[] = [
      {
        parts: [
          text("I let somebody look at it."),
          toolCall("spawn_agent", { prompt: "Review the parser.", title: "Review of the parser" }),
          // The next step names the sub-agent, which nobody knows before it is on the page.
          toolCall("execute", { command: "until [ -e named ]; do sleep 0.1; done", timeout: "1m" }),
        ],
        finish: "tool-calls",
      },
    ];
    provider.when("Delegate", turn);
    await newChat("Delegate this");
    const link = page.getByTestId("agent-link").first();
    const childId = (await link.getAttribute("href"))?.split("/").at(-1) ?? "";
    turn.push(
      { parts: [toolCall("wait_agent", { chat_id: childId })], finish: "tool-calls" },
      { parts: [text("It is done.")] },
    );
    writeFileSync(join(tideline.sampleDirectory, "named"), "");
    const waiting = page.locator('[data-tool="wait_agent"]');
    await waiting.getByTestId("agent-stream").getByText("The parser is fine").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "sub-agents");
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);

    await waiting.getByTestId("agent-link").click();
    await page.getByText("The parser is fine").waitFor();
    await page.getByTestId("parent-chat").click();
    await waiting.waitFor();
    provider.release("review");
    await page.getByText("It is done.").waitFor();
    await idle();
  });
});

describe("attachments", () => {
  it("are uploaded at once, survive a reload, are sent, and open", async () => {
    provider.when("Look", [{ parts: [text("I see.")] }]);
    await page.goto("/");
    const image = await page.screenshot();
    await page.getByTestId("composer-files").setInputFiles([
      { name: "screen.png", mimeType: "image/png", buffer: image },
      { name: "tool.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") },
    ]);
    await page.getByText("tool.exe can't be attached").waitFor();
    await paste("a line of a log\n".repeat(400));
    await page.locator('[data-testid="attachment"][data-state="ready"]').nth(1).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "attachments");
    await page.reload();
    await page.getByTestId("attachment").nth(1).waitFor();
    await say("Look at these");
    await page.waitForURL(/\/chats\//);
    await page.getByText("I see.").waitFor();
    // The model has read what was pasted.
    expect(provider.requests.some(({ body }) => JSON.stringify(body).includes("a line of a log"))).toBe(true);

    await page.getByRole("button", { name: "Open the image" }).click();
    await page.getByTestId("lightbox").getByRole("img").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("lightbox").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "pasted-text-1.txt" }).click();
    await page.getByText("a line of a log").waitFor();
  });

  it("can be tried again when the way was cut, and nothing is sent without them", async () => {
    await page.route("**/chats/files", (route) => route.abort());
    await page
      .getByTestId("composer-files")
      .setInputFiles([{ name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Notes") }]);
    await page.locator('[data-testid="attachment"][data-state="failed"]').waitFor();
    await say("Look again");
    await page.getByText("One file was not uploaded.").waitFor();
    await page.unroute("**/chats/files");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator('[data-testid="attachment"][data-state="ready"]').waitFor();
    await page.getByTestId("composer-input").press("Enter");
    await page.getByRole("button", { name: "notes.md" }).waitFor();
    await idle();
  });
});

describe("a chat's menu", () => {
  it("renames it, has a model think of another title, and exports it", async () => {
    await page.getByTestId("chat-menu").click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByLabel("Title").fill("Pictures and notes");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("heading", { level: 1, name: "Pictures and notes" }).waitFor();

    await page.getByTestId("chat-menu").click();
    await page.getByRole("menuitem", { name: "Think of another title" }).click();
    await page.getByRole("heading", { level: 1, name: "Work on the parser" }).waitFor();

    await page.getByTestId("chat-menu").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Export as JSON" }).click(),
    ]);
    const stream = await download.createReadStream();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).toString()).toContain("Look again");
  });
});

describe("the archive", () => {
  it("takes a chat out of the list, leaves it to be read, and gives it back", async () => {
    const before = await page.getByTestId("sidebar-chat").count();
    await page.getByTestId("chat-menu").click();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await page.getByTestId("archived-notice").waitFor();
    await eventually("it left the list", async () =>
      (await page.getByTestId("sidebar-chat").count()) === before - 1 ? true : null,
    );
    await page.reload();
    await page.getByTestId("archived-notice").waitFor();
    expect(await page.getByTestId("composer-input").count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Unarchive" }).click();
    await page.getByTestId("composer-input").waitFor();
    await eventually("it is back", async () =>
      (await page.getByTestId("sidebar-chat").count()) === before ? true : null,
    );
  });

  it("never made the page complain", () => {
    // The browser itself reports the sign-in question, and the request that was cut on purpose.
    const expected = /401 .*\/users\/me|ERR_FAILED.*\/chats\/files/;
    expect(ada.complaints.filter((line) => !expected.test(line))).toEqual([]);
  });
});

function queued(): Locator {
  return page.getByTestId("queued-message");
}

async function queueIs(...expected: string[]): Promise<void> {
  await eventually(`the queue is ${expected.join(", ")}`, async () => {
    const shown = await queued().evaluateAll((rows) => rows.map((row) => row.querySelector("[title]")?.textContent));
    return JSON.stringify(shown) === JSON.stringify(expected) ? true : null;
  });
}

/** In the conversation; what is read aloud beside it says the same a moment later. */
function answer(words: string): Locator {
  return page.locator(":not([role=log]) > p").filter({ hasText: words });
}

async function newChat(words: string): Promise<void> {
  await page.goto("/");
  await say(words);
  await page.waitForURL(/\/chats\//);
}

async function say(words: string): Promise<void> {
  await page.getByTestId("composer-input").fill(words);
  await page.getByTestId("composer-input").press("Enter");
}

async function editFirst(): Promise<void> {
  await page.getByRole("article", { name: "You" }).first().hover();
  await page.getByRole("button", { name: "Edit message" }).first().click();
}

/** As a person pastes it: the browser gives the text to the field that has the focus. */
async function paste(words: string): Promise<void> {
  await page.getByTestId("composer-input").focus();
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  }, words);
}

function status(): Promise<string | null> {
  return page.getByTestId("chat-status").first().getAttribute("data-status");
}

async function idle(): Promise<void> {
  await page.locator('[data-testid="chat-status"][data-status="waiting"]').waitFor({ timeout: 60_000 });
}
