import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completeSecrets, ensureSecrets } from "../../src/cli/local-secrets.ts";
import { portFrom, requireFreePort } from "../../src/cli/port.ts";
import { sampleWorkspaceSql } from "../../src/cli/sample-workspace.ts";
import { buildIsStale } from "../../src/cli/web-build.ts";
import { agentEnvironment, configuredModels, envFileText, workerSettings } from "../../src/cli/worker-settings.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tideline-cli-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("the secrets of a machine", () => {
  it("are made once, long enough, and readable by their owner alone", () => {
    const file = join(folder, ".dev.vars");
    const first = ensureSecrets(file);
    expect(Buffer.from(first.SECRET_KEY ?? "", "base64url")).toHaveLength(32);
    expect(first.SETUP_TOKEN?.length).toBeGreaterThanOrEqual(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(ensureSecrets(file)).toEqual(first);
  });

  it("join what somebody wrote there, also without a last line break", () => {
    const text = completeSecrets("ANTHROPIC_API_KEY=sk-1\nSECRET_KEY=mine");
    expect(text.startsWith("ANTHROPIC_API_KEY=sk-1\nSECRET_KEY=mine\nSETUP_TOKEN=")).toBe(true);
    expect(completeSecrets(text)).toBe(text);
  });
});

describe("the Worker's settings", () => {
  it("are what the environment says of models, and private addresses for one's own machine", () => {
    expect(workerSettings({ OPENAI_API_KEY: " sk ", OLLAMA_HOST: "", HOME: "/root" }, {})).toEqual({
      ALLOW_PRIVATE_PROVIDERS: "1",
      OPENAI_API_KEY: "sk",
    });
    expect(workerSettings({}, { ALLOW_PRIVATE_PROVIDERS: "0" }).ALLOW_PRIVATE_PROVIDERS).toBe("0");
  });

  it("has the accounts that people may connect, however many, and the agent has none of them", () => {
    const env = {
      EXTERNAL_AUTH_0_CLIENT_SECRET: "s",
      EXTERNAL_AUTH_12_ID: "work",
      EXTERNAL_AUTH_X_ID: "no",
      EXTERNAL_AUTH_1_ID: " ",
    };
    const { ALLOW_PRIVATE_PROVIDERS: _allowed, ...settings } = workerSettings(env, {});
    expect(settings).toEqual({ EXTERNAL_AUTH_0_CLIENT_SECRET: "s", EXTERNAL_AUTH_12_ID: "work" });
    expect(agentEnvironment(env)).toEqual({});
  });

  it("name the real models of either place", () => {
    expect(configuredModels({ OLLAMA_HOST: "http://localhost:11434" }, { ANTHROPIC_API_KEY: "sk" })).toEqual([
      "ANTHROPIC_API_KEY",
      "OLLAMA_HOST",
    ]);
    expect(configuredModels({ OPENAI_BASE_URL: "http://localhost" }, {})).toEqual([]);
  });

  it("survive the env file, and what cannot is refused", () => {
    const text = envFileText({ OPENAI_API_KEY: "a#b=c d", ANTHROPIC_API_KEY: "x" });
    expect(parseEnv(text)).toEqual({ OPENAI_API_KEY: "a#b=c d", ANTHROPIC_API_KEY: "x" });
    // wrangler's reader expands what Node's does not.
    expect(envFileText({ OPENAI_API_KEY: "a$HOME" })).toBe("OPENAI_API_KEY='a\\$HOME'\n");
    expect(() => envFileText({ OPENAI_API_KEY: "a\nSECRET_KEY=b" })).toThrow("OPENAI_API_KEY");
  });

  it("are hidden from the agent and so from the commands of a model", () => {
    const env = { PATH: "/bin", ANTHROPIC_API_KEY: "sk", SECRET_KEY: "s", npm_config_x: "1", GIT_DIR: "/x", TERM: "t" };
    expect(agentEnvironment(env)).toEqual({ PATH: "/bin", TERM: "t" });
  });
});

describe("the port", () => {
  it("is 8787 unless PORT says otherwise", () => {
    expect(portFrom(undefined)).toBe(8787);
    expect(portFrom("41000")).toBe(41_000);
    for (const text of ["0", "65536", "http", "80.5", "-1"]) expect(() => portFrom(text)).toThrow("PORT is");
  });

  it("is refused in one sentence when taken", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      }),
    );
    await expect(requireFreePort(port)).rejects.toThrow(`Port ${port} is taken.`);
    await new Promise((resolve) => server.close(resolve));
    await expect(requireFreePort(port)).resolves.toBeUndefined();
  });
});

describe("the build", () => {
  function touch(path: string, at: number): void {
    const whole = join(folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, "");
    utimesSync(whole, at, at);
  }
  function age(path: string, at: number): void {
    utimesSync(join(folder, path), at, at);
  }

  it("is stale when missing, older than a source, or when a source went away", () => {
    touch("web/src/main.tsx", 100);
    touch("src/contract/chats.ts", 100);
    touch("package-lock.json", 100);
    for (const path of ["web/src", "src/contract"]) age(path, 100);
    expect(buildIsStale(folder)).toBe(true);

    touch("web/dist/index.html", 200);
    expect(buildIsStale(folder)).toBe(true);
    touch("web/dist/tideline-agent.cjs", 200);
    expect(buildIsStale(folder)).toBe(false);

    age("web/src/main.tsx", 300);
    expect(buildIsStale(folder)).toBe(true);
    age("web/src/main.tsx", 100);
    rmSync(join(folder, "src/contract/chats.ts"));
    expect(buildIsStale(folder)).toBe(true);
  });
});

describe("the sample workspace", () => {
  const system = "00000000-0000-7000-8000-000000000002";
  let database: DatabaseSync;
  beforeEach(() => {
    database = new DatabaseSync(":memory:");
    const migrations = new URL("../../migrations/", import.meta.url);
    for (const name of readdirSync(migrations)
      .filter((file) => file.endsWith(".sql"))
      .toSorted()) {
      database.exec(readFileSync(new URL(name, migrations), "utf8"));
    }
  });
  afterEach(() => database.close());

  const insert = (tokenHash: string, number: number) =>
    database.exec(
      sampleWorkspaceSql({ tokenHash, buildId: `build-${number}`, agentId: `agent-${number}`, now: number }),
    );
  const all = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  const agents = () =>
    all(
      "select a.id, b.build_number, a.token_hash from workspace_agents a join workspace_builds b on b.id = a.build_id order by b.build_number",
    );

  it("is made once under the system user", () => {
    insert("hash-1", 1);
    insert("hash-1", 2);
    expect(all("select owner_id, name from workspaces")).toEqual([{ owner_id: system, name: "sample" }]);
    expect(agents()).toEqual([{ id: "agent-1", build_number: 1, token_hash: "hash-1" }]);
  });

  it("gets a new build for a new token, and stays with whom it belongs to", () => {
    insert("hash-1", 1);
    database.exec(
      "insert into users (id, username, email, login_type, roles, created_at, updated_at) values ('ada', 'ada', 'a@example.com', 'password', '[\"owner\"]', 1, 1)",
    );
    database.exec("update workspaces set owner_id = 'ada'");
    insert("hash-2", 2);
    expect(all("select owner_id from workspaces")).toEqual([{ owner_id: "ada" }]);
    expect(agents().map((agent) => agent.build_number)).toEqual([1, 2]);
  });

  it("belongs to the first owner where there is one, and stays removed once removed", () => {
    database.exec(
      "insert into users (id, username, email, login_type, roles, created_at, updated_at) values ('ada', 'ada', 'a@example.com', 'password', '[\"owner\"]', 1, 1)",
    );
    insert("hash-1", 1);
    expect(all("select owner_id from workspaces")).toEqual([{ owner_id: "ada" }]);
    database.exec("update workspaces set deleted = 1");
    insert("hash-2", 2);
    expect(agents()).toHaveLength(1);
  });
});
