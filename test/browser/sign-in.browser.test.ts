import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { totpCode } from "../../src/identity/second-factor/totp.ts";
import { startOidcServer, type OidcServer } from "../fixtures/oidc-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../support/own-tideline.ts";
import {
  accessibilityFaults,
  completeSetup,
  narrow,
  newPerson,
  openBrowser,
  overflow,
  owner,
  screenshotEveryWay,
  signIn,
  type Person,
  wide,
} from "./support/person.ts";

// Every way to sign in, as a person goes it. The steps stand on each other.

let tideline: OwnTideline;
let oidc: OidcServer;
let browser: Browser;
let ada: Person;

beforeAll(async () => {
  oidc = await startOidcServer();
  [tideline, browser] = await Promise.all([
    startOwnTideline({
      env: {
        OIDC_ISSUER_URL: oidc.provider.issuer,
        OIDC_CLIENT_ID: oidc.provider.client.id,
        OIDC_CLIENT_SECRET: oidc.provider.client.secret,
        OIDC_EMAIL_DOMAIN: "example.org",
        OIDC_SIGN_IN_TEXT: "Continue with Example",
      },
    }),
    openBrowser(),
  ]);
  oidc.provider.redirectUris.push(`${tideline.url}/api/v2/users/oidc/callback`);
  ada = await newPerson(browser, tideline.url);
});
afterAll(async () => {
  await browser?.close();
  await tideline?.remove();
  await oidc?.close();
});

describe("signing in", () => {
  it("makes a passkey and signs in with nothing else", async () => {
    const { page } = ada;
    await completeSetup(page, tideline.link);
    const device = await addAuthenticator(page);
    await page.goto("/settings/security");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByLabel("Name", { exact: true }).fill("This laptop");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Never used").waitFor();

    await signOut(page);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByTestId("composer-input").waitFor();
    await page.goto("/settings/security");
    await page.getByText("Last used just now").waitFor();

    await page.getByRole("button", { name: "Rename This laptop" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Old laptop");
    await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
    await page.getByRole("button", { name: "Delete Old laptop" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("No passkeys yet").waitFor();

    // The device still has it: it is we who do not know it any more.
    await signOut(page);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByText("This passkey is not known here.").waitFor();
    await device.send("WebAuthn.disable");
    await signIn(page);
    await page.getByTestId("composer-input").waitFor();
  });

  it("turns the second factor on, asks for a code, and takes a recovery code", async () => {
    const { page } = ada;
    await page.goto("/settings/security");
    await page.getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("img", { name: /The secret as a picture/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "second-factor");
    const secret = (await page.getByTestId("totp-secret").innerText()).replaceAll(/\s/g, "");
    await page.getByLabel("Code").fill("000000");
    await page.getByRole("dialog").getByRole("button", { name: "Turn on" }).click();
    await page.getByText("Not right. Take the one that the app shows now").waitFor();
    await page.getByLabel("Code").fill(codeAt(secret, 0));
    await page.getByRole("dialog").getByRole("button", { name: "Turn on" }).click();
    await page.getByRole("heading", { name: "Keep these recovery codes" }).waitFor();
    const codes = (await page.locator("pre").innerText()).trim().split("\n");
    expect(codes).toHaveLength(10);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByText("10 recovery codes left").waitFor();

    await signOut(page);
    await signIn(page);
    await page.getByRole("heading", { name: "One more step" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "sign-in-code");
    await page.getByLabel("Code").fill("123456");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This code is not right.").waitFor();
    // The code that turned it on is used up; the next one is good a little early.
    await page.getByLabel("Code").fill(codeAt(secret, 1));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByTestId("composer-input").waitFor();

    await signOut(page);
    await signIn(page);
    await page.getByLabel("Code").fill(codes[0] ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByTestId("composer-input").waitFor();
    await page.goto("/settings/security");
    await page.getByText("9 recovery codes left").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "security");
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(wide);
  });

  it("lets somebody in who signs in elsewhere, and says why it does not let in another", async () => {
    const grace = await newPerson(browser, tideline.url);
    const { page } = grace;
    oidc.provider.who = { subject: "1", email: "grace@elsewhere.example", emailVerified: true, username: "grace" };
    await page.goto("/workspaces");
    await page.getByRole("link", { name: "Continue with Example" }).click();
    await page.getByText("not of a domain that is let in here").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshotEveryWay(page, "sign-in");
    await page.setViewportSize(narrow);
    expect(await overflow(page)).toBeLessThanOrEqual(0);

    oidc.provider.who = { ...oidc.provider.who, email: "grace@example.org" };
    await page.getByRole("link", { name: "Continue with Example" }).click();
    // Where she was going in the first place.
    await page.getByRole("heading", { name: "Workspaces", level: 1 }).waitFor();
    await page.goto("/settings/security");
    await page.getByText("grace@example.org").waitFor();
    await page.getByText("You have no password here.").waitFor();
    await page.getByRole("button", { name: "Unlink Single sign-on" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Unlink" }).click();
    await page.getByText("It is your only way to sign in.").waitFor();
    expect(grace.complaints.filter((complaint) => !/40[19]|status of 401|status of 409/.test(complaint))).toEqual([]);
    await grace.leave();
  });

  it("links an account elsewhere to the one that is signed in", async () => {
    const { page } = ada;
    oidc.provider.who = { subject: "2", email: "countess@example.org", emailVerified: true, username: "countess" };
    await page.goto("/settings/security");
    await page.getByRole("button", { name: "Link Single sign-on" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("countess@example.org").waitFor();
    await signOut(page);
    await page.getByRole("link", { name: "Continue with Example" }).click();
    await page.getByTestId("composer-input").waitFor();
    const me = await page.evaluate(async () => (await fetch("/api/v2/users/me")).json());
    expect(me).toMatchObject({ username: owner.username });
  });
});

/** A device that says yes to everything, as one with a finger on it. */
async function addAuthenticator(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return session;
}

async function signOut(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByTestId("user-menu").click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

function codeAt(secret: string, steps: number): string {
  return totpCode(secret, Math.floor(Date.now() / 30_000) + steps);
}
