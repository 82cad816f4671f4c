import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { prInsights, type PrInsights } from "../../src/contract/insights.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import { fixtures, hostileTitles, stage } from "./support/insights-fixtures.ts";
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

// What came of chats, on figures that are in the database. Each part sets its own stage.

const PAGE = "/agents/settings/insights";

let tideline: OwnTideline;
let browser: Browser;
let ada: Person;
let ownerId: string;

beforeAll(async () => {
  [tideline, browser] = await Promise.all([startOwnTideline(), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  await completeSetup(ada.page, tideline.link);
  const me = await ada.page.request.get("/api/v2/users/me");
  ownerId = z.object({ id: z.string() }).parse(await me.json()).id;
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
});

async function figuresOf(page: Page): Promise<PrInsights> {
  const response = await page.request.get("/api/v2/chats/insights/pull-requests");
  return prInsights.parse(await response.json());
}

/** Opens the page with these chats in the database. */
async function open(fixture: keyof typeof fixtures, address = PAGE): Promise<Page> {
  await stage(tideline, fixtures[fixture]({ ownerId, now: Date.now() }));
  await ada.page.goto(address);
  return ada.page;
}

async function fitsEverywhere(page: Page): Promise<void> {
  for (const viewport of [narrow, wide]) {
    await page.setViewportSize(viewport);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    // Nothing reaches out of a table either.
    const wider = await page
      .locator("table")
      .evaluateAll((tables) => tables.map((table) => table.scrollWidth - (table.parentElement?.clientWidth ?? 0)));
    expect(Math.max(0, ...wider)).toBeLessThanOrEqual(1);
  }
}

describe("insights", () => {
  it("say what was merged and what it cost, and bear every title", async () => {
    const page = await open("default");
    const { summary, recent_prs } = await figuresOf(page);
    const said = `${summary.total_prs_merged} of ${summary.total_prs_created} pull requests from the last 30 days are merged`;
    await page.getByText(said).waitFor();
    await page.getByText("1 model call could not be priced").first().waitFor();
    const recent = page.getByRole("table", { name: "Recent pull requests" });
    await expect.poll(() => recent.getByRole("row").count()).toBe(recent_prs.length + 1);
    expect(await recent.getByRole("columnheader").allInnerTexts()).toEqual(["Title", "Status", "Cost", "Created"]);
    const title = recent.getByRole("link", { name: hostileTitles.markup, exact: true });
    expect(await title.getAttribute("href")).toBe("https://github.com/acme/tides/pull/303");
    await recent.getByText(hostileTitles.turned).first().waitFor();
    expect(await page.title()).not.toContain("owned");
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "insights");
    await fitsEverywhere(page);
  });

  it("shows the days as lines, read with the arrow keys, and as a table", async () => {
    const { page } = ada;
    const chart = page.getByRole("slider", { name: /day by day/ });
    await chart.focus();
    const newest = await chart.getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowLeft");
    const before = await chart.getAttribute("aria-valuetext");
    expect(before).toMatch(/: Created \d+, Merged \d+$/);
    expect(before).not.toBe(newest);
    await page.getByRole("radio", { name: "Table" }).click();
    const rows = page.getByRole("region", { name: "Day by day" }).getByRole("row");
    await rows.nth(1).waitFor();
    const numbers = await rows.evaluateAll((all) => all.slice(1).map((row) => Number(row.children[1]?.textContent)));
    const { summary } = await figuresOf(page);
    expect(numbers.reduce((sum, each) => sum + each, 0)).toBe(summary.total_prs_created);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("radio", { name: "Chart" }).click();
  });

  it("keeps the range in the address, and tells more where it is asked for", async () => {
    const { page } = ada;
    await page.getByRole("radio", { name: "7 days" }).click();
    await page.getByText(/from the last 7 days/).waitFor();
    await page.waitForURL((url) => url.search === "?days=7");
    await page.goto("/settings/insights?days=90");
    await page.getByText(/from the last 90 days/).waitFor();
    await page.waitForURL((url) => url.pathname === PAGE);
    await page.getByRole("radio", { name: "Details" }).click();
    await page.getByText("Time to merge").first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "acme/harbour-site", exact: true }).click();
    await page.getByRole("list", { name: "Only" }).getByText("github.com/acme/harbour-site").waitFor();
    await page.getByRole("table", { name: "By repository" }).getByRole("row").nth(2).waitFor({ state: "detached" });
    await page.getByLabel("Whose chats").fill("ada");
    await page.getByLabel("Whose chats").press("Enter");
    await page.getByRole("list", { name: "Only" }).getByText("ada", { exact: true }).waitFor();
    await page.getByRole("table", { name: "By repository" }).waitFor();
    await screenshotEveryWay(page, "insights-details");
    await fitsEverywhere(page);
    expect(ada.complaints).toEqual([]);
  });

  it.each(["high-performance", "low-volume", "no-pull-requests"] as const)("looks like this: %s", async (fixture) => {
    const page = await open(fixture);
    await page
      .getByText(/pull requests? (from|in|came)|No pull requests in/i)
      .first()
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, `insights-${fixture}`);
    await fitsEverywhere(page);
  });

  it("are not offered to whoever may not read them", async () => {
    const created = await ada.page.request.post("/api/v2/users", {
      headers: { origin: tideline.url },
      data: { username: "grace", email: "grace@example.com", password: "a long enough password" },
    });
    expect(created.status(), await created.text()).toBe(201);
    const grace = await newPerson(browser, tideline.url);
    await grace.page.goto(`/login?back=${PAGE}`);
    await grace.page.getByLabel("User name or e-mail").fill("grace");
    await grace.page.getByLabel("Password").fill("a long enough password");
    await grace.page.getByRole("button", { name: "Sign in" }).click();
    await grace.page.getByText("Insights are for those who look after this deployment").waitFor();
    expect(await grace.page.getByRole("link", { name: "Insights" }).count()).toBe(0);
    await grace.leave();
  });
});
