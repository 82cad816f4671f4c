import { readFileSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { formatMicros } from "../../web/src/ui/money.ts";
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
import { stageRows } from "./support/stage-rows.ts";
import { hostile, tideChat, usageRows } from "./support/usage-fixtures.ts";

// What model calls cost, on a ledger that is in the database. The steps stand on each other.

const COLUMNS = ["Cost", "Input", "Output", "Cache read", "Cache write", "Messages"];

let tideline: OwnTideline;
let browser: Browser;
let ada: Person;
let page: Page;

beforeAll(async () => {
  [tideline, browser] = await Promise.all([startOwnTideline(), openBrowser()]);
  ada = await newPerson(browser, tideline.url);
  page = ada.page;
  await completeSetup(page, tideline.link);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
});

async function looksRight(name: string): Promise<void> {
  expect(await accessibilityFaults(page)).toEqual([]);
  await screenshotEveryWay(page, name);
  await page.setViewportSize(narrow);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.setViewportSize(wide);
  // No table reaches into the next one.
  const boxes = await page.locator("table").evaluateAll((tables) =>
    tables.map((table) => {
      const { top, bottom } = (table.parentElement ?? table).getBoundingClientRect();
      return { top, bottom };
    }),
  );
  for (const [index, box] of boxes.entries()) {
    const next = boxes[index + 1];
    if (next !== undefined) expect(box.bottom).toBeLessThan(next.top);
  }
}

async function headersOf(table: Locator): Promise<string[]> {
  await table.waitFor();
  return table.getByRole("columnheader").allInnerTexts();
}
const tableOf = (name: string) => page.getByRole("table", { name });

/** What a press on a file of the menu brings: its lines, each with its cells by name. */
async function download(name: string): Promise<Record<string, string>[]> {
  await page.getByRole("button", { name: "Download CSV" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name }).click()]);
  const [head = "", ...lines] = readFileSync(await file.path(), "utf8")
    .trimEnd()
    .split("\r\n");
  const cells = (line: string) => line.slice(1, -1).split('","');
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [cells(head)[index] ?? "", cell])));
}

const summed = (lines: Record<string, string>[], column: string) =>
  lines.reduce((sum, line) => sum + Number(line[column]), 0);

describe("one's own usage", () => {
  it("begins with what it is for, and then says what was spent and what is not known", async () => {
    await page.goto("/settings/usage");
    await page.getByRole("link", { name: "Start a chat" }).waitFor();
    const me = await page.request.get("/api/v2/users/me");
    const { id } = z.object({ id: z.string() }).parse(await me.json());
    await stageRows(tideline, usageRows(id, Date.now()));
    await page.reload();
    await page
      .getByText(/^You spent at least \$\d+\.\d\d in the last 30 days, in \d+ messages of 9 chats\.$/)
      .waitFor();
    await page.getByText("3 model calls could not be priced, so the cost is higher than shown.").waitFor();
    expect(await page.getByRole("link", { name: "See which models have no prices" }).count()).toBe(1);
    for (const [name, first] of [
      ["By model", "Model"],
      ["By chat", "Chat"],
    ] as const) {
      expect(await headersOf(tableOf(name))).toEqual([first, ...COLUMNS, "Time"]);
    }
    await tableOf("By model")
      .getByRole("row", { name: /Harbour 7B/ })
      .getByText("not priced")
      .waitFor();
    await tableOf("By chat").getByRole("row", { name: hostile.long }).waitFor();
    await looksRight("usage");
  });

  it("has each day as a bar, read with the arrow keys, and in a table", async () => {
    const chart = page.getByRole("slider", { name: /Cost, day by day/ });
    await chart.focus();
    expect(await chart.getAttribute("aria-valuetext")).toMatch(/: Cost .+, Messages \d+, Input /);
    await page.getByRole("radio", { name: "Table" }).click();
    await expect.poll(() => page.getByRole("region", { name: "Day by day" }).getByRole("row").count()).toBe(31);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("radio", { name: "Chart" }).click();
  });

  it("is sorted by what one asks for, keeps its range in the address, and comes as a file", async () => {
    const chats = tableOf("By chat");
    await chats.getByRole("button", { name: "Messages" }).click();
    await chats.getByRole("columnheader", { name: "Messages" }).and(page.locator("[aria-sort=descending]")).waitFor();
    await page.getByRole("radio", { name: "Other dates" }).click();
    await page.getByLabel("From", { exact: true }).waitFor();
    await page.waitForURL(({ search }) => /^\?range=own&from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d$/.test(search));
    await page.getByRole("radio", { name: "90 days" }).click();
    await page.getByText(/in the last 90 days/).waitFor();
    await page.waitForURL(({ search }) => search === "?days=90");
    const lines = await download("By model");
    const sum = formatMicros(summed(lines, "total_cost_micros"));
    await expect.poll(() => page.getByTestId("usage-Cost").innerText()).toBe(sum);
  });
});

describe("usage of everybody", () => {
  it("is found by person, down to a chat and its calls, which add up to the page", async () => {
    await page.getByRole("link", { name: "Team usage" }).click();
    await page.getByText(/^Everybody together spent at least \$/).waitFor();
    const people = tableOf("By person");
    expect(await headersOf(people)).toEqual(["Name", ...COLUMNS, "Chats", "Time"]);
    await page.getByText("Page 1 of 2, 33 people").waitFor();
    await people.getByText(hostile.markup).waitFor();
    expect(await page.title()).not.toContain("owned");
    await looksRight("usage-team");

    await page.getByRole("radio", { name: "7 days" }).click();
    await page.getByLabel("Find somebody").fill("hopper");
    await people.getByRole("row").nth(2).waitFor({ state: "detached" });
    const spent = await people.getByRole("row").nth(1).getByRole("cell").first().innerText();
    await people.getByRole("link", { name: "Grace Hopper" }).click();
    await page.getByText(/^Grace Hopper spent /).waitFor();
    expect(spent).toContain(await page.getByTestId("usage-Cost").innerText());

    await tableOf("By model").getByRole("link", { name: "Claude Sonnet 4.5" }).click();
    await page.getByRole("navigation", { name: "The way here" }).getByText("Claude Sonnet 4.5").waitFor();
    await page.getByRole("link", { name: "Grace Hopper" }).click();
    await tableOf("By chat").getByRole("link", { name: "Why the tide tables are off by an hour", exact: true }).click();
    const calls = page.getByTestId("model-call");
    await calls.nth(7).waitFor();
    expect(await calls.count()).toBe(8);
    for (const mark of ["Deleted", "Sub-agent", "Title of the chat", "Attempt that failed", "not priced"]) {
      await calls.getByText(mark, { exact: true }).first().waitFor();
    }
    // Below 10,000 every digit is shown, of each call and of all together.
    const outputs = await calls.evaluateAll((rows) =>
      rows.map((row) => Number(row.children[3]?.textContent.replace(",", ""))),
    );
    const output = outputs.reduce((sum, each) => sum + each, 0).toLocaleString("en");
    expect(await page.getByTestId("usage-Output").innerText()).toBe(output);
    await looksRight("usage-calls");

    const lines = await download("Every model call");
    expect(lines).toHaveLength(8);
    expect(lines.every((line) => line.root_chat_id === tideChat)).toBe(true);
    const cost = await page.getByTestId("usage-Cost").innerText();
    expect(cost.replace("about ", "")).toBe(formatMicros(summed(lines, "total_cost_micros")));
    await page.getByRole("link", { name: "Everybody" }).click();
    await page.getByText(/^Everybody together .* in the last 7 days/).waitFor();
    await page.waitForURL(({ searchParams }) => searchParams.get("days") === "7");
  });

  it("is told by model, organisation and group, each leading on", async () => {
    await page.getByRole("radio", { name: "Organisations" }).click();
    expect(await headersOf(tableOf("By organisation"))).toEqual(["Organisation", ...COLUMNS, "People", "Time"]);
    await page.getByRole("radio", { name: "Groups" }).click();
    await tableOf("By group").getByRole("link").first().click();
    await page.getByRole("combobox", { name: "Group" }).getByText("Everyone").waitFor();
    await page.getByRole("radio", { name: "Models" }).click();
    await tableOf("By model").getByRole("link", { name: "Gemini 2.5 Pro" }).click();
    await page.getByRole("button", { name: /^Only Gemini 2\.5 Pro/ }).waitFor();
    await tableOf("By person").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(ada.complaints).toEqual([]);
  });

  it("is not offered to whoever may not read it", async () => {
    const member = { username: "henry", email: "henry@example.com", password: "a long enough password" };
    const headers = { origin: tideline.url };
    const created = await page.request.post("/api/v2/users", { headers, data: member });
    expect(created.status(), await created.text()).toBe(201);
    const henry = await newPerson(browser, tideline.url);
    await henry.page.goto("/login?back=/settings/usage/people");
    await henry.page.getByLabel("User name or e-mail").fill(member.username);
    await henry.page.getByLabel("Password").fill(member.password);
    await henry.page.getByRole("button", { name: "Sign in" }).click();
    await henry.page.getByText("Usage of others is not for everybody").waitFor();
    expect(await henry.page.getByRole("link", { name: "Team usage" }).count()).toBe(0);
    await henry.page.getByRole("link", { name: "Go to your own usage" }).click();
    await henry.page.getByRole("link", { name: "Start a chat" }).waitFor();
    await henry.leave();
  });
});
