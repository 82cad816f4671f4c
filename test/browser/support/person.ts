import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { findChromium, howToGetChromium } from "./chromium.ts";

export const wide = { width: 1440, height: 900 };
export const narrow = { width: 360, height: 780 };

export const owner = {
  name: "Ada Lovelace",
  email: "ada@example.com",
  username: "ada",
  password: "a long enough password",
};

/** Chromium without a screen, and without what it asks the internet for by itself. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium(process.env);
  if (executablePath === null) throw new Error(howToGetChromium);
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface Person {
  context: BrowserContext;
  page: Page;
  /** What the page complained of: exceptions, console errors, refusals by the content security policy. */
  complaints: string[];
  leave(): Promise<void>;
}

export interface PersonOptions {
  viewport?: { width: number; height: number };
  colorScheme?: "light" | "dark";
  /** Somebody whose cookies this browser has too. */
  as?: Person;
}

/** Somebody with a browser of their own. */
export async function newPerson(browser: Browser, baseURL: string, options: PersonOptions = {}): Promise<Person> {
  const context = await browser.newContext({
    baseURL,
    viewport: options.viewport ?? wide,
    colorScheme: options.colorScheme ?? "light",
    locale: "en-GB",
    ...(options.as && { storageState: await options.as.context.storageState() }),
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  return { context, page, complaints, leave: () => context.close() };
}

/** Opens the first-run link and becomes the owner; ends on the page for a new chat. */
export async function completeSetup(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(owner.name);
  await page.getByLabel("E-mail").fill(owner.email);
  await page.getByLabel("User name").fill(owner.username);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Create the owner account" }).click();
  await page.getByTestId("composer-input").waitFor();
}

/** Signs in on the page that is open. */
export async function signIn(page: Page): Promise<void> {
  await page.getByLabel("User name or e-mail").fill(owner.username);
  await page.getByLabel("Password").fill(owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/**
 * What axe finds that keeps people out, each with the elements it is about. On a busy machine axe takes long enough
 * for something to begin to fade meanwhile: what counts is what stands in three looks.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  let faults: string[] = [];
  for (let look = 0; look === 0 || (look < 3 && faults.length > 0); look++) {
    await atRest(page);
    const { violations } = await new AxeBuilder({ page }).analyze();
    faults = violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }
  return faults;
}

/** Once what comes and goes has come and gone: a message that fades in has no contrast yet. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
}

/** By how many pixels the page is wider than its window, once what measures itself has had the time to. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const wider = () => document.documentElement.scrollWidth - window.innerWidth;
    const patience = performance.now() + 5_000;
    while (wider() > 0 && performance.now() < patience) await new Promise(requestAnimationFrame);
    return wider();
  });
}

/** Where screenshots go: `SCREENSHOTS=docs/screenshots npm run test:browser` renews the README's. */
const screenshots = process.env.SCREENSHOTS ?? "test-results/screenshots";

/** Keeps what the page looks like, in the window and theme that it has. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), animations: "disabled", caret: "hide" });
}

/** The same page wide and narrow, light and dark; then as it was. */
export async function screenshotEveryWay(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries({ wide, narrow })) {
      await page.setViewportSize(viewport);
      // Layout and theme settle within a frame or two.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      await screenshot(page, `${name}-${size}-${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  if (before) await page.setViewportSize(before);
}
