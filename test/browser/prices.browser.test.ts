import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startProviderServer, text, type ProviderServer } from "../fixtures/provider-server/server.ts";
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

// A model without prices, as its admin finds it and prices what it has cost already. The steps stand on each other.

let tideline: OwnTideline;
let browser: Browser;
let provider: ProviderServer;
let ada: Person;
let chatAddress: string;

beforeAll(async () => {
  [tideline, browser, provider] = await Promise.all([startOwnTideline(), openBrowser(), startProviderServer()]);
  ada = await newPerson(browser, tideline.url);
  await completeSetup(ada.page, tideline.link);
});
afterAll(async () => {
  await browser?.close();
  await provider?.close();
  await tideline?.remove();
});

async function post(path: string, data: object): Promise<void> {
  const headers = { origin: tideline.url };
  const response = await ada.page.request.post(`/api/v2/chats${path}`, { data, headers });
  expect(response.status(), await response.text()).toBe(201);
}

describe("a model without prices", () => {
  it("is listed with its calls, and offered the list prices", async () => {
    const { page } = ada;
    provider.when(/^How much/, [
      {
        parts: [text("That is not known yet.")],
        usage: { input: 2_000, output: 100, cacheWrite: 500, cacheWrite1h: 300 },
      },
    ]);
    await post("/providers", { provider: "anthropic", api_key: "sk-test", base_url: provider.baseUrl });
    await post("/model-configs", { provider: "anthropic", model: "claude-sonnet-4-6", context_limit: 200_000 });
    await page.goto("/");
    await page.getByTestId("composer-input").fill("How much is this?");
    await page.getByTestId("composer-input").press("Enter");
    await page.getByText("That is not known yet.").waitFor();
    await page
      .getByText(/^(unpriced|not priced)$/)
      .first()
      .waitFor();
    chatAddress = page.url();

    await page.goto("/settings/models");
    const row = page.getByTestId("unpriced-model");
    await row.getByText(/without a cost/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "models-not-priced");
    await row.getByRole("button", { name: "Add prices" }).click();
    await page.getByRole("button", { name: /^Use list prices of \d+ \w+ 20\d\d$/ }).click();
    expect(await page.getByLabel("Input", { exact: true }).inputValue()).toBe("3");
    expect(await page.getByLabel("Cache write for an hour").inputValue()).toBe("6");
    await page.getByText("These are the list prices of").waitFor();
    await screenshotEveryWay(page, "models-list-prices");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("Output", { exact: true }).fill("16");
    await page.getByRole("button", { name: "Use list prices" }).waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByTestId("model").getByText("$3 in · $16 out").waitFor();
  });

  it("has its past calls priced after a look at what will change", async () => {
    const { page } = ada;
    await page.getByRole("button", { name: "Price past usage…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("not priced → $0.01").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "models-price-past-usage");
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);
    await dialog.getByRole("button", { name: "Price past usage" }).click();
    await page.getByText(/calls? of claude-sonnet-4-6 priced/).waitFor();
    await page.getByTestId("unpriced-model").waitFor({ state: "detached" });

    await page.goto(chatAddress);
    await page.getByText("That is not known yet.").waitFor();
    await page.getByText("$0.01").first().waitFor();
    expect(await page.getByText(/unpriced|not priced/).count()).toBe(0);
    expect(ada.complaints).toEqual([]);
  });
});
