import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentEnvironment } from "../../src/cli/worker-settings.ts";
import { startProviderServer, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import {
  accessibilityFaults,
  completeSetup,
  narrow,
  newPerson,
  openBrowser,
  overflow,
  owner,
  signIn,
  wide,
  type Person,
} from "./support/person.ts";

// What people set up, as they do it. The steps stand on each other.

let tideline: OwnTideline;
let browser: Browser;
let provider: ProviderServer;
let ada: Person;
let agentGroup: number | undefined;

beforeAll(async () => {
  [tideline, browser, provider] = await Promise.all([startOwnTideline(), openBrowser(), startProviderServer()]);
  ada = await newPerson(browser, tideline.url);
});
afterAll(async () => {
  if (agentGroup !== undefined) process.kill(-agentGroup, "SIGTERM");
  await browser?.close();
  await provider?.close();
  await tideline?.remove();
});

describe("what people set up", () => {
  it("says which link is the wrong one, and what a form needs", async () => {
    const { page } = ada;
    await page.goto("/");
    await page.getByText("Open the first-run link").waitFor();

    await page.goto("/setup?token=another-one");
    const create = page.getByRole("button", { name: "Create the owner account" });
    await page.getByLabel("Password").fill("short");
    await create.click();
    await page.getByText("Use at least 10 characters.").waitFor();
    await page.getByLabel("E-mail").and(page.locator(":focus")).waitFor();

    await page.getByLabel("E-mail").fill(owner.email);
    await page.getByLabel("User name").fill(owner.username);
    await page.getByLabel("Password").fill(owner.password);
    await create.click();
    await page.getByText("not the right one for this deployment").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await completeSetup(page, tideline.link);
  });

  it("connects a workspace by the command that the page shows", async () => {
    const { page } = ada;
    await page.getByRole("link", { name: "Workspaces" }).click();
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByText("A shell is a shell.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    const name = page.getByLabel("Name", { exact: true });
    await name.fill("sample");
    await page.getByRole("button", { name: "Show the command" }).click();
    await page.getByText(/named "sample" already/).waitFor();
    await name.fill("shop");
    await page.getByRole("button", { name: "Show the command" }).click();
    const command = await page.locator("pre").innerText();
    await page.getByText("Waiting for its first call").first().waitFor();

    const folder = join(tideline.folder, "shop");
    mkdirSync(folder);
    agentGroup = spawn("bash", ["-c", command], {
      cwd: folder,
      detached: true,
      stdio: "ignore",
      env: agentEnvironment(process.env),
    }).pid;
    await page.getByText("The agent has called.").waitFor();
    await page.getByRole("dialog").getByText(folder).waitFor();
    await page.getByRole("link", { name: "Start a chat" }).click();
    await page.getByTestId("workspace-picker").getByText("shop").waitFor();
  });

  it("renames a workspace, sees its agent leave, and forgets it", async () => {
    const { page } = ada;
    await page.getByRole("link", { name: "Workspaces" }).click();
    await chooseFor(page, "shop", "Rename…");
    await page.getByLabel("Name", { exact: true }).fill("shop-2");
    await page.getByRole("button", { name: "Rename", exact: true }).click();
    const card = page.getByTestId("workspace").filter({ hasText: "shop-2" });
    await card.getByText("Connected").waitFor();

    if (agentGroup === undefined) throw new Error("The agent was not started");
    process.kill(-agentGroup, "SIGTERM");
    agentGroup = undefined;
    await card.getByText("Away").waitFor();

    await chooseFor(page, "shop-2", "Forget…");
    await page.getByRole("button", { name: "Forget", exact: true }).click();
    await card.waitFor({ state: "detached" });
  });

  it("sets up a provider, tests it, and never shows its key again", async () => {
    const { page } = ada;
    await page.goto("/settings/providers");
    await page.getByText("answered by the scripted demo").waitFor();
    const card = page.getByTestId("provider-openai-compat");
    await card.getByRole("button", { name: "Set up" }).click();
    await page.getByLabel("API key").fill("sk-very-secret");
    await page.getByLabel("Base address").fill("not an address");
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator('[type="url"][aria-invalid="true"]').waitFor();
    await page.getByLabel("Base address").fill(provider.baseUrl);
    await page.getByRole("button", { name: "Save" }).click();
    await card.getByText("Key saved").waitFor();

    await card.getByRole("button", { name: "Test", exact: true }).click();
    await card.getByLabel("Model to test with").fill("scripted");
    provider.enqueue({
      fail: { status: 401, errorType: "authentication_error", message: "invalid key sk-very-secret" },
    });
    await card.getByRole("button", { name: "Test it" }).click();
    await card.getByText(/key/i).last().waitFor();
    await expectNowhere(page, "sk-very-secret");
    await card.getByRole("button", { name: "Change" }).click();
    expect(await page.getByLabel("API key").inputValue()).toBe("");
    await page.keyboard.press("Escape");
  });

  it("adds a model with its prices and makes it what new chats begin with", async () => {
    const { page } = ada;
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByRole("button", { name: "Add a model" }).click();
    await page.getByRole("textbox", { name: "Model", exact: true }).fill("scripted");
    await page.getByLabel("Name in lists").fill("Scripted one");
    await page.getByLabel("Context limit").fill("lots");
    await page.getByRole("button", { name: "Add model" }).click();
    await page.getByText("Give a whole number of tokens, such as 200000.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("Context limit").fill("128k");
    await page.getByLabel("Input").fill("0.5");
    await page.getByLabel("Output").fill("2");
    await page.getByText("Call options").click();
    await page.getByLabel("Temperature").fill("warm");
    await page.getByRole("button", { name: "Add model" }).click();
    await page.getByText("Give a number (0 to 2), or leave it empty.").waitFor();
    await page.getByLabel("Temperature").fill("0.7");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Add model" }).click();
    const row = page.getByTestId("model").filter({ hasText: "Scripted one" });
    await row.getByText("$0.5 in · $2 out").waitFor();
    await row.getByText("128k context").waitFor();
    await row.getByText("Default").waitFor();
    await row.getByRole("button", { name: "More about Scripted one" }).click();
    await page.getByRole("menuitem", { name: "Change…" }).click();
    await expect.poll(() => page.getByLabel("Temperature").inputValue()).toBe("0.7");
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);
    await page.getByRole("button", { name: "Cancel" }).click();

    await page.getByRole("link", { name: "New chat" }).first().click();
    await page.getByTestId("model-picker").getByText("Scripted one").waitFor();
  });

  it("makes an API token that works until it is revoked", async () => {
    const { page } = ada;
    // The list is slow: what it says was read before there is a token, and comes after it was made.
    const made = Promise.withResolvers<void>();
    await page.route(
      "**/keys/tokens?*",
      async (route) => {
        const response = await route.fetch();
        await made.promise;
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await page.goto("/settings/account");
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("nightly");
    await page.getByRole("button", { name: "Create token" }).click();
    const key = await page.locator("pre").innerText();
    made.resolve();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "I have copied it" }).click();
    expect((await asToken(key)).status).toBe(200);
    await expectNowhere(page, key);

    await page.getByRole("button", { name: "Revoke nightly" }).click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByText("No tokens yet").waitFor();
    expect((await asToken(key)).status).toBe(401);
  });

  it("ends another session, which then stands before the sign-in and comes back to where it was", async () => {
    const { page } = ada;
    const other = await newPerson(browser, tideline.url, { viewport: narrow });
    await other.page.goto("/workspaces");
    await signIn(other.page);
    await other.page.getByTestId("workspace").first().waitFor();
    expect(await overflow(other.page)).toBeLessThanOrEqual(0);

    await page.reload();
    await page.getByRole("button", { name: /^End the session of/ }).click();
    // It finds out by itself: nobody touches it.
    await other.page.getByRole("heading", { name: "Sign in" }).waitFor();
    await signIn(other.page);
    await other.page.getByTestId("workspace").first().waitFor();
    await other.leave();
  });

  it("goes everywhere by keyboard", async () => {
    const { page } = ada;
    await page.goto("/settings/account");
    await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find a chat, page or action" }).fill("workspac");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Workspaces", level: 1 }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("[");
    await page.getByRole("button", { name: "Show sidebar" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Show sidebar" }).waitFor();
    await page.keyboard.press("[");
    await page.getByRole("complementary", { name: "Sidebar" }).waitFor();
  });

  it("keeps the chosen theme, from before the first paint", async () => {
    const { page } = ada;
    await page.getByTestId("user-menu").click();
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.locator("html[data-theme=dark]").waitFor();
    const dark = await background();
    await page.reload({ waitUntil: "commit" });
    // The script of the head blocks: it has run when there is a body, and nothing else has.
    const theme = await page.waitForFunction(
      () => document.querySelector("body") !== null && (document.documentElement.dataset.theme ?? "none"),
    );
    expect(await theme.jsonValue()).toBe("dark");
    await page.getByTestId("user-menu").waitFor();
    expect(await background()).toBe(dark);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it("signs out, and says how long to wait after too many attempts", async () => {
    const { page } = ada;
    await page.getByTestId("user-menu").click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByLabel("User name or e-mail").fill("nobody");
    const button = page.getByRole("button", { name: "Sign in" });
    const tooMany = page.getByText(/Too many attempts\. You can try again in \d+ (seconds?|minutes)\./);
    for (let attempt = 0, status = 0; attempt < 30 && status !== 429; attempt += 1) {
      await page.getByLabel("Password").fill(`guess ${attempt}`);
      const answer = page.waitForResponse(/\/users\/login$/);
      await button.click();
      status = (await answer).status();
    }
    await tooMany.waitFor();
    await button.and(page.locator(":disabled")).waitFor();
  });
});

async function chooseFor(page: Page, workspace: string, action: string): Promise<void> {
  await page.getByRole("button", { name: `More about ${workspace}`, exact: true }).click();
  await menuItem(page, action).click();
}

function menuItem(page: Page, name: string): Locator {
  return page.getByRole("menuitem", { name });
}

async function expectNowhere(page: Page, secret: string): Promise<void> {
  await expect.poll(() => page.content()).not.toContain(secret);
}

function asToken(key: string): Promise<Response> {
  return fetch(`${tideline.url}/api/v2/users/me`, { headers: { authorization: `Bearer ${key}` } });
}
