import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/poll.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import {
  accessibilityFaults,
  completeSetup,
  narrow,
  newPerson,
  openBrowser,
  overflow,
  screenshotEveryWay,
  signIn,
  wide,
  type Person,
} from "./support/person.ts";

// The main job as a person does it, from the link in the terminal on. The steps stand on each other.

let tideline: OwnTideline;
let browser: Browser;
let ada: Person;

beforeAll(async () => {
  [tideline, browser] = await Promise.all([startOwnTideline(), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  writeFileSync(join(tideline.folder, "npmrc"), `script-shell=${patientShell()}\n`);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
});

describe("the main job", () => {
  it("begins with the link that the start printed, once", async () => {
    const { page } = ada;
    await page.goto(tideline.link);
    await page.getByRole("button", { name: "Create the owner account" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "setup");

    await completeSetup(page, tideline.link);
    expect(new URL(page.url()).pathname).toBe("/");

    const late = await newPerson(browser, tideline.url);
    await late.page.goto(tideline.link);
    await late.page.getByRole("link", { name: "Sign in" }).click();
    await late.page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await accessibilityFaults(late.page)).toEqual([]);
    await late.leave();
  });

  it("offers the sample workspace and the scripted demo, which says what it is", async () => {
    const { page } = ada;
    await expectText(page.getByTestId("workspace-picker"), "sample");
    await page.getByTestId("model-picker").click();
    await page.getByText("scripted demo, no AI").first().waitFor();
    await page.keyboard.press("Escape");
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "new-chat");
  });

  it("fixes the failing test while everybody watches", async () => {
    const { page } = ada;
    await page.getByTestId("composer-input").fill("Fix the failing test");
    await page.getByTestId("composer-input").press("Enter");
    await page.waitForURL(/\/chats\//);

    // Red: the command's output is there while it runs, and then the failure.
    const commands = card(page, "execute");
    await commands.first().waitFor();
    await expectText(page.getByTestId("chat-status"), "Working");
    letGoOn(1);
    await page
      .locator('[data-tool="execute"][data-state="done"], [data-tool="execute"][data-state="error"]')
      .first()
      .waitFor();
    await screenshotEveryWay(page, "chat-streaming");

    // A second browser comes in the middle, and the first one reloads there.
    const second = await newPerson(browser, tideline.url, { as: ada });
    await second.page.goto(page.url());
    await page.reload();
    for (const each of [page, second.page]) {
      await card(each, "execute").and(each.locator("[data-state=running]")).waitFor();
      await each.locator('[data-testid="chat-status"][data-status="running"]').first().waitFor();
    }
    letGoOn(2);

    await finished(page);
    await finished(second.page);
    await expectText(page.getByTestId("chat-timeline"), /tests pass now/);
    const mine = await conversation(page);
    await expect.poll(() => conversation(second.page)).toEqual(mine);
    // What was streamed is what was stored: nothing is lost, nothing is there twice.
    await page.reload();
    await finished(page);
    await expect.poll(() => conversation(page)).toEqual(mine);
    await whole(page, async () => {
      await expect.poll(() => commands.count()).toBe(2);
      await expect.poll(() => card(page, "edit_files").count()).toBe(1);
    });
    await second.leave();
  });

  it("shows red, the diff, green and a summary", async () => {
    const { page } = ada;
    await whole(page, async () => {
      const commands = card(page, "execute");
      await open(commands.first());
      await expectText(commands.first(), /fail 1/);
      await open(card(page, "edit_files"));
      await expectText(card(page, "edit_files"), "src/tariff.js");
      await open(commands.last());
      await expectText(commands.last(), /fail 0/);
      await expectText(page.getByTestId("chat-timeline"), /tests pass now/);
    });
    expect(await accessibilityFaults(page)).toEqual([]);
    await close(card(page, "execute").last());
    const jump = page.getByTestId("jump-to-latest");
    if (await jump.isVisible()) await jump.click();
    await screenshotEveryWay(page, "chat-finished");
  });

  it("did it for real: the sample's own tests pass, by one changed line", () => {
    expect(git(["diff", "--numstat"])).toBe("1\t1\tsrc/tariff.js\n");
    expect(() => execFileSync("node", ["--test"], { cwd: tideline.sampleDirectory, stdio: "pipe" })).not.toThrow();
  });

  it("stops when asked, and goes on when asked again", async () => {
    const { page } = ada;
    git(["checkout", "--quiet", "."]);
    await page.goto("/");
    await page.getByTestId("composer-input").fill("Fix the failing test");
    await page.getByTestId("composer-send").click();
    await card(page, "execute").first().waitFor();
    await page.getByTestId("composer-stop").click();
    await finished(page);
    const stopped = await conversation(page);
    expect(stopped).not.toContain("tests pass now");
    expect(readFileSync(join(tideline.sampleDirectory, "src", "tariff.js"), "utf8")).not.toContain("<= entry");

    letGoOn("all");
    await page.getByTestId("composer-input").fill("Fix the failing test");
    await page.getByTestId("composer-input").press("Enter");
    await page.getByText("tests pass now").waitFor({ timeout: 60_000 });
    await finished(page);
  });

  it("works on a phone", async () => {
    const phone = await newPerson(browser, tideline.url, { as: ada, viewport: narrow });
    const { page } = phone;
    await page.goto(ada.page.url());
    await page.getByText("tests pass now").waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.getByTestId("composer-input").fill("Thank you");
    await page.getByTestId("composer-send").click();
    await page.getByText(/Thank you/).waitFor();
    await expectText(page.getByTestId("chat-timeline"), /I am a script|scripted demo/i);
    await finished(page);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(phone.complaints).toEqual([]);
    await phone.leave();
  });

  it.each([
    ["/workspaces", "workspaces"],
    ["/settings/providers", "providers"],
    ["/settings/models", "models"],
    ["/settings/account", "account"],
  ])("%s can be read by everybody, at any width", async (path, name) => {
    const { page } = ada;
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);
    await screenshotEveryWay(page, name);
  });

  it("never made the page complain", () => {
    // The browser itself reports the one request that asks whether somebody is signed in.
    expect(ada.complaints.filter((line) => !/401 .*\/users\/me/.test(line))).toEqual([]);
  });

  it("is all there after a restart, behind the sign-in", async () => {
    await ada.leave();
    await tideline.restart();
    expect(tideline.link).toBe(`${tideline.url}/login`);
    const later = await newPerson(browser, tideline.url);
    const { page } = later;
    await page.goto(tideline.link);
    await signIn(page);
    await expect.poll(() => page.getByTestId("sidebar-chat").count()).toBe(2);
    await page.getByTestId("sidebar-chat").first().click();
    await page.getByText("tests pass now").waitFor();
    // The agent is back too: the chat works on.
    git(["checkout", "--quiet", "."]);
    await page.getByTestId("composer-input").fill("Fix the failing test");
    await page.getByTestId("composer-input").press("Enter");
    await eventually("the sample is mended again", () =>
      git(["diff", "--numstat"]).includes("tariff.js") ? true : null,
    );
    await finished(page);
    expect(later.complaints).toEqual([]);
    await later.leave();
  });
});

function git(args: string[]): string {
  return execFileSync("git", args, { cwd: tideline.sampleDirectory, encoding: "utf8" });
}

function card(page: Page, tool: string): Locator {
  return page.locator(`[data-testid="tool-card"][data-tool="${tool}"]`);
}

function open(tool: Locator): Promise<void> {
  return unfold(tool, true);
}

function close(tool: Locator): Promise<void> {
  return unfold(tool, false);
}

async function unfold(tool: Locator, open: boolean): Promise<void> {
  const button = tool.getByRole("button").first();
  if ((await button.getAttribute("aria-expanded")) !== String(open)) await button.click();
}

/** What npm runs the sample's tests with: each run waits until it may go on, so that one can look meanwhile. */
function patientShell(): string {
  const shell = join(tideline.folder, "patient-shell");
  const lines = [
    "#!/bin/sh",
    `cd_before=$PWD; cd "${tideline.folder}"; echo run >> runs; run=$(wc -l < runs)`,
    'until [ -e "go-$((run))" ] || [ -e go-all ]; do sleep 0.1; done',
    'cd "$cd_before"; exec sh "$@"',
  ];
  writeFileSync(shell, `${lines.join("\n")}\n`, { mode: 0o755 });
  return shell;
}

function letGoOn(run: 1 | 2 | "all"): void {
  writeFileSync(join(tideline.folder, `go-${run}`), "");
}

/** The turn is over: the stream says so, whatever the time it took. */
async function finished(page: Page): Promise<void> {
  await page.locator('[data-testid="chat-status"][data-status="waiting"]').waitFor({ timeout: 90_000 });
}

/** All that the timeline says, without what counts time. */
async function conversation(page: Page): Promise<string> {
  const text = await whole(page, () => page.getByTestId("chat-timeline").innerText());
  return text.replaceAll(/\d+(\.\d+)?\s?(ms|s|m)\b/g, "…");
}

/** Looks with a window so high that every row is drawn: the timeline draws only what is near the window. */
async function whole<T>(page: Page, look: () => Promise<T>): Promise<T> {
  const before = page.viewportSize() ?? wide;
  await page.setViewportSize({ width: before.width, height: 6000 });
  await page.getByTestId("chat-timeline").getByText("Fix the failing test").first().waitFor();
  try {
    return await look();
  } finally {
    await page.setViewportSize(before);
  }
}

async function expectText(locator: Locator, text: string | RegExp): Promise<void> {
  await locator.filter({ hasText: text }).first().waitFor();
}
