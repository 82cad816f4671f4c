import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProviderServer, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
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

// Spend limits, from the admin who sets them to the person who reaches theirs. The steps stand on each other.

/** 900 tokens at 1,000 dollars a million. The title of the chat costs a little, too. */
const NINETY_CENTS = { input: 0, output: 900 };

let tideline: OwnTideline;
let browser: Browser;
let provider: ProviderServer;
let ada: Person;

beforeAll(async () => {
  [tideline, browser, provider] = await Promise.all([startOwnTideline(), openBrowser(), startProviderServer()]);
  ada = await newPerson(browser, tideline.url);
  await completeSetup(ada.page, tideline.link);
  await ask("/chats/providers", { provider: "openai-compat", api_key: "sk-test", base_url: provider.baseUrl });
  const prices = { output_price_per_million_tokens: "1000" };
  await ask("/chats/model-configs", {
    provider: "openai-compat",
    model: "scripted",
    context_limit: 100_000,
    is_default: true,
    model_config: { cost: prices },
  });
  await ask("/chats/model-configs", { provider: "openai-compat", model: "unpriced", context_limit: 100_000 });
  await ask("/users", {
    username: "grace",
    name: "Grace Hopper",
    email: "grace@example.com",
    password: "long enough!",
  });
});
afterAll(async () => {
  await browser?.close();
  await provider?.close();
  await tideline?.remove();
});

async function ask(path: string, data: object): Promise<void> {
  const response = await ada.page.request.post(`/api/v2${path}`, { headers: { origin: tideline.url }, data });
  if (!response.ok()) throw new Error(`${path} answered ${response.status()}: ${await response.text()}`);
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId("composer-input").fill(text);
  await page.keyboard.press("Enter");
}

describe("spend limits", () => {
  it("are off until an owner sets one, and then others for people and groups", async () => {
    const { page } = ada;
    await page.goto("/settings/usage-limits");
    await page.getByRole("switch", { name: "Limit what is spent", checked: false }).click();
    await page.getByLabel("Amount").fill("nothing");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Write an amount above zero, such as 25.00.").waitFor();
    await page.getByLabel("Amount").fill("1");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Whoever has no nearer limit may spend $1.00 a month.").waitFor();
    await page.getByText("1 model that people can pick has no prices").waitFor();

    const search = page.getByRole("combobox", { name: "Add people or groups" });
    await search.fill("grace");
    await page.getByRole("option", { name: /Grace Hopper/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What they may spend a month").fill("12.50");
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Set the limit" }).click();
    const hers = page.getByTestId("usage-limit").filter({ hasText: "Grace Hopper" });
    await hers.getByText("$12.50 a month").waitFor();
    await search.fill("every");
    await page.getByRole("option", { name: /Everyone/ }).click();
    await dialog.getByLabel("What each member may spend a month").fill("0.99");
    await dialog.getByRole("button", { name: "Set the limit" }).click();
    const everyones = page.getByTestId("usage-limit").filter({ hasText: "Everyone" });
    await everyones.getByText("$0.99 a month").waitFor();

    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);
    await screenshotEveryWay(page, "usage-limits");

    await page.getByRole("button", { name: "Remove the limit of Grace Hopper" }).click();
    await hers.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await hers.getByText("$12.50 a month").waitFor();
    await page.getByRole("button", { name: "Remove the limit of Everyone" }).click();
    await everyones.waitFor({ state: "detached" });
  });

  it("are said to whoever comes near them, once, and in their menu", async () => {
    const { page } = ada;
    provider.enqueue({ parts: [{ type: "text", text: "It is high tide." }], usage: NINETY_CENTS });
    await page.goto("/");
    await say(page, "What does the tide do?");
    await page.getByText("It is high tide.").waitFor();
    const notice = page.getByTestId("limit-notice");
    await notice.getByText(/You have spent \$0\.9\d of \$1\.00 this month\. It begins anew on/).waitFor();
    await page.getByTestId("user-menu").click();
    await page
      .getByTestId("small-limit-meter")
      .getByText(/\$0\.9\d of \$1\.00/)
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "limit-near");
    await page.keyboard.press("Escape");
    await notice.getByRole("button", { name: "Dismiss" }).click();
    await notice.waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("It is high tide.").waitFor();
    expect(await notice.count()).toBe(0);
  });

  it("end a turn between two steps; more is refused until the limit is raised", async () => {
    const { page } = ada;
    const call = { type: "tool-call" as const, name: "look_at_the_moon", args: {} };
    provider.enqueue({ parts: [{ type: "text", text: "I look." }, call], finish: "tool-calls", usage: NINETY_CENTS });
    await say(page, "And the moon?");
    const alert = page.getByRole("alert");
    await alert.getByText("The spend limit is reached").waitFor();
    await alert.getByText(/^The next period begins on \w+/).waitFor();
    await page.getByTestId("limit-notice").getByText("You have spent all of your $1.00 this month.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "limit-reached");
    await say(page, "Go on");
    await page.getByText("Not sent.").waitFor();
    await page.getByText(/\$1\.8\d of \$1\.00 are spent/).waitFor();

    const usage = await ada.context.newPage();
    await usage.goto("/settings/usage");
    await usage
      .getByTestId("limit-meter")
      .getByText(/\$1\.8\d of \$1\.00/)
      .waitFor();
    expect(await accessibilityFaults(usage)).toEqual([]);
    await screenshotEveryWay(usage, "limit-meter");
    await usage.close();

    const raised = await page.request.put("/api/v2/chats/usage-limits", {
      headers: { origin: tideline.url },
      data: { spend_limit_micros: 50_000_000, period: "month" },
    });
    expect(raised.status()).toBe(200);
    provider.enqueue({ parts: [{ type: "text", text: "It is full." }], usage: NINETY_CENTS });
    await page.getByRole("button", { name: "Send again" }).click();
    await page.getByText("It is full.").waitFor();
    await page.getByTestId("limit-notice").waitFor({ state: "detached" });
  });
});
