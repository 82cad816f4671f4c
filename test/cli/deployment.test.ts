import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  bucketIsMissing,
  databaseId,
  deployedAddress,
  isSignedIn,
  secretNames,
  withDatabaseId,
} from "../../src/cli/deployment-answers.ts";
import { deploy, type DeploymentTools } from "../../src/cli/deployment.ts";

const toml = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");
const good = (stdout = "") => ({ code: 0, stdout, stderr: "" });
const bad = (stderr: string) => ({ code: 1, stdout: "", stderr });

describe("what wrangler's answers mean", () => {
  it("a sign-in counts only when it says so", () => {
    expect(isSignedIn(good('{"loggedIn":true,"email":"a@example.com"}'))).toBe(true);
    expect(isSignedIn({ code: 1, stdout: '{"loggedIn":false}', stderr: "" })).toBe(false);
    expect(isSignedIn(good("You are logged in"))).toBe(false);
  });

  it("a database is found by its whole name", () => {
    const list = JSON.stringify([
      { name: "tideline-old", uuid: "1" },
      { name: "tideline", uuid: "2" },
    ]);
    expect(databaseId(list, "tideline")).toBe("2");
    expect(databaseId("[]", "tideline")).toBeNull();
    expect(() => databaseId("Something went wrong", "tideline")).toThrow();
  });

  it("only a bucket that is not there is missing", () => {
    expect(bucketIsMissing(bad("The specified bucket does not exist. [code: 10006]"))).toBe(true);
    expect(bucketIsMissing(bad("Please enable R2 through the Cloudflare Dashboard. [code: 10042]"))).toBe(false);
    expect(bucketIsMissing(good("{}"))).toBe(false);
  });

  it("a failure to list secrets is never an empty list", () => {
    expect(secretNames(good('[{"name":"SECRET_KEY","type":"secret_text"}]'))).toEqual(["SECRET_KEY"]);
    expect(secretNames(bad('Worker "tideline" not found.'))).toEqual([]);
    expect(secretNames(bad("A request to the Cloudflare API failed. Authentication error [code: 10000]"))).toBeNull();
    expect(secretNames(bad("fetch failed"))).toBeNull();
  });

  it("the address comes from the line of the deployment", () => {
    const line = (targets: string[]) => JSON.stringify({ type: "deploy", version: 1, targets });
    expect(deployedAddress(`{"type":"wrangler-session"}\n${line(["https://tideline.me.workers.dev"])}\n`)).toBe(
      "https://tideline.me.workers.dev",
    );
    expect(deployedAddress(line(["code.example.com/*"]))).toBe("https://code.example.com");
    expect(deployedAddress(line([]))).toBeNull();
    expect(deployedAddress("")).toBeNull();
  });

  it("the database's id goes into wrangler.toml once, whatever was there", () => {
    const once = withDatabaseId(toml, "abc");
    expect(once).toContain('database_name = "tideline"\ndatabase_id = "abc"\n');
    expect(withDatabaseId(once, "def")).toBe(withDatabaseId(toml, "def"));
    expect(() => withDatabaseId('name = "x"', "abc")).toThrow("names no database");
  });
});

describe("deploy", () => {
  it("makes everything in an empty account, and then links to the first run with its token", async () => {
    const account = newAccount();
    expect(await deploy(account.tools)).toBe("https://tideline.test/setup?token=made-SETUP_TOKEN-1");
    expect(account.databases).toEqual([{ name: "tideline", uuid: "id-1" }]);
    expect(account.buckets).toEqual(["tideline-files"]);
    expect(account.secrets).toEqual({ SECRET_KEY: "made-SECRET_KEY-1", SETUP_TOKEN: "made-SETUP_TOKEN-1" });
    expect(account.config).toContain('database_id = "id-1"');
    expect(account.did).toEqual(["build", "migrate", "upload"]);
  });

  it("makes nothing twice, keeps the secrets, and links to the sign-in once somebody has been there", async () => {
    const account = newAccount();
    await deploy(account.tools);
    account.setUp = true;
    expect(await deploy(account.tools)).toBe("https://tideline.test/login");
    expect(account.databases).toHaveLength(1);
    expect(account.buckets).toHaveLength(1);
    expect(account.secrets).toEqual({ SECRET_KEY: "made-SECRET_KEY-1", SETUP_TOKEN: "made-SETUP_TOKEN-1" });
  });

  it("renews a setup token that nobody used, since it cannot be read back", async () => {
    const account = newAccount();
    await deploy(account.tools);
    expect(await deploy(account.tools)).toBe("https://tideline.test/setup?token=made-SETUP_TOKEN-2");
    expect(account.secrets).toEqual({ SECRET_KEY: "made-SECRET_KEY-1", SETUP_TOKEN: "made-SETUP_TOKEN-2" });
  });

  it("leaves the running Worker alone when a migration fails", async () => {
    const account = newAccount();
    account.failing.set("d1 migrations apply", bad('near "tabel": syntax error'));
    await expect(deploy(account.tools)).rejects.toThrow(/migrations failed[^]*syntax error/);
    expect(account.did).not.toContain("upload");
  });

  it.each(["d1 list --json", "r2 bucket info", "secret list --format"])(
    "stops when %s fails for a passing reason",
    async (command) => {
      const account = newAccount();
      await deploy(account.tools);
      const before = { ...account.secrets };
      account.did.length = 0;
      account.failing.set(command, bad("fetch failed"));
      await expect(deploy(account.tools)).rejects.toThrow("fetch failed");
      expect(account.did).toEqual([]);
      expect(account.secrets).toEqual(before);
      expect([account.databases.length, account.buckets.length]).toEqual([1, 1]);
    },
  );

  it("names settings of this machine that the deployment lacks, and takes none along", async () => {
    const account = newAccount();
    const tools = { ...account.tools, settings: ["OPENAI_API_KEY", "EXTERNAL_AUTH_0_CLIENT_SECRET"] };
    account.secrets.OPENAI_API_KEY = "there";
    account.uploaded = true;
    await deploy(tools);
    expect(account.said.join("\n")).toContain("Set here, but not in the deployment: EXTERNAL_AUTH_0_CLIENT_SECRET.");
    expect(Object.keys(account.secrets).toSorted()).toEqual(["OPENAI_API_KEY", "SECRET_KEY", "SETUP_TOKEN"]);
  });

  it("says how to sign in", async () => {
    const account = newAccount();
    account.failing.set("whoami --json", { code: 1, stdout: '{"loggedIn":false}', stderr: "" });
    await expect(deploy(account.tools)).rejects.toThrow("npx wrangler login");
  });
});

/** A Cloudflare account in memory that answers as wrangler does. */
function newAccount() {
  const account = {
    databases: new Array<{ name: string; uuid: string }>(),
    buckets: new Array<string>(),
    secrets: {} as Record<string, string>,
    uploaded: false,
    setUp: false,
    config: "",
    did: new Array<string>(),
    said: new Array<string>(),
    failing: new Map<string, { code: number; stdout: string; stderr: string }>(),
  };
  const made = new Map<string, number>();
  const answers: Record<string, (name: string, input?: string) => { code: number; stdout: string; stderr: string }> = {
    "whoami --json": () => good('{"loggedIn":true}'),
    "d1 list --json": () => good(JSON.stringify(account.databases)),
    "d1 create": (name) => {
      account.databases.push({ name, uuid: `id-${account.databases.length + 1}` });
      return good();
    },
    "r2 bucket info": (name) =>
      account.buckets.includes(name) ? good("{}") : bad("The specified bucket does not exist. [code: 10006]"),
    "r2 bucket create": (name) => {
      account.buckets.push(name);
      return good();
    },
    "secret list --format": () =>
      account.uploaded
        ? good(JSON.stringify(Object.keys(account.secrets).map((name) => ({ name }))))
        : bad('Worker "tideline" not found.'),
    "secret put": (name, input = "") => {
      account.secrets[name] = input;
      return good();
    },
    "d1 migrations apply": () => {
      account.did.push("migrate");
      return good();
    },
  };
  const tools: DeploymentTools = {
    async wrangler(args, input) {
      const line = args.join(" ");
      const command = Object.keys(answers).find((start) => line.startsWith(start));
      if (command === undefined) throw new Error(`The account does not know: wrangler ${line}`);
      const name = line.slice(command.length).trim().split(" ")[0] ?? "";
      return account.failing.get(command) ?? answers[command]?.(name, input) ?? good();
    },
    async build() {
      account.did.push("build");
    },
    async upload(secrets) {
      account.did.push("upload");
      account.uploaded = true;
      Object.assign(account.secrets, secrets);
      return "https://tideline.test";
    },
    readConfig: () => toml,
    writeDeployConfig: (text) => (account.config = text),
    makeSecret(name) {
      made.set(name, (made.get(name) ?? 0) + 1);
      return `made-${name}-${made.get(name)}`;
    },
    askSetup: async () => ({ completed: account.setUp }),
    settings: [],
    say: (line) => account.said.push(line),
  };
  return Object.assign(account, { tools });
}
