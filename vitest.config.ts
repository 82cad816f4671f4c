import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const patient = {
  // A poll asks whether something comes about, as Playwright's own waits do; how soon is the bench's to say.
  expect: { poll: { timeout: 30_000 } },
  // How long a test takes depends on the machine; only what hangs shall fail.
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

// Real processes, one at a time: they share two cores, a port range and a temporary directory.
const realProcesses = {
  ...patient,
  environment: "node",
  fileParallelism: false,
  maxWorkers: 1,
  testTimeout: 180_000,
  hookTimeout: 180_000,
} as const;

/** They measure how quickly a page answers, or start and stop what the others would wait for. */
const UNDISTURBED = ["test/browser/scale.browser.test.ts", "test/browser/main-job.browser.test.ts"];

export default defineConfig({
  test: {
    // What a test that passes has to say is noise where one fails.
    silent: "passed-only",
    // workerd takes a while to stop.
    teardownTimeout: 20_000,
    projects: [
      {
        test: {
          ...patient,
          name: "rules",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.{worker,agent,browser,faults}.test.ts", "test/bench/peer/**"],
          environment: "node",
          // Pure functions share nothing worth a process of its own: three times as quick together.
          pool: "threads",
          isolate: false,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            main: "./src/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations("./migrations"),
                // Not secrets: they seal nothing but what a test makes up.
                SECRET_KEY: "test-secret-key-0123456789abcdef0123456789abcdef",
                SETUP_TOKEN: "test-setup-token",
                // A developer's own .dev.vars would bring them in.
                ANTHROPIC_API_KEY: "",
                OPENAI_API_KEY: "",
                GEMINI_API_KEY: "",
                GOOGLE_GENERATIVE_AI_API_KEY: "",
                OLLAMA_HOST: "",
              },
            },
          })),
        ],
        test: {
          ...patient,
          name: "worker",
          include: ["test/**/*.worker.test.ts"],
          setupFiles: ["./test/support/apply-migrations.ts"],
        },
      },
      {
        test: {
          ...patient,
          name: "agent",
          include: ["test/agent/**/*.agent.test.ts"],
          environment: "node",
        },
      },
      { test: { ...realProcesses, name: "faults", include: ["test/faults/**/*.faults.test.ts"] } },
      {
        test: {
          ...realProcesses,
          name: "browser",
          include: ["test/browser/**/*.browser.test.ts"],
          exclude: UNDISTURBED,
          // Each has a Tideline and a browser of its own, and waits for both most of the time.
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...realProcesses,
          name: "browser-alone",
          include: UNDISTURBED,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
