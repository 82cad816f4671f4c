import { DEFAULT_ORGANIZATION_ID } from "../../../src/organizations/schema.ts";
import { aCall, aChat, aDiff, rowsOf, type WorldChat, type WorldDiff } from "../../insights/world.ts";
import type { OwnTideline } from "../../support/own-tideline.ts";
import { stageRows } from "./stage-rows.ts";

/** Whose chats they are, and until when. */
interface Stage {
  ownerId: string;
  now: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const models = [
  {
    id: "0198c2a0-1111-7000-8000-000000000001",
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    name: "Claude Sonnet 4.5",
  },
  { id: "0198c2a0-1111-7000-8000-000000000002", provider: "openai", model: "gpt-5.1", name: "GPT-5.1" },
  { id: "0198c2a0-1111-7000-8000-000000000003", provider: "google", model: "gemini-2.5-pro", name: "Gemini 2.5 Pro" },
];
const titles = [
  "Keep the harbour's clock in step with the tide tables",
  "Say which port is taken when the server cannot start",
  "Retry uploads that were cut off half way",
  "Sort search results by how well they fit",
  "Show times in the reader's own time zone",
  "Stop the importer from reading a file twice",
  "Give the settings page an address of its own",
];

/** Titles that a table must bear. */
export const hostileTitles = {
  long: `Teach the scheduler ${"to wait for the tide, ".repeat(13)}and then to sail`,
  turned: "\u05EA\u05D9\u05E7\u05D5\u05DF \u05D4\u05E0\u05DE\u05DC \u05D5\u05D4\u05D2\u05D0\u05D5\u05EA",
  markup: '<img src=x onerror="document.title=`owned`">',
};

type Standing = Pick<WorldDiff, "state" | "draft" | "approved" | "changesRequested">;
const merged: Standing = { state: "merged", draft: false, approved: true, changesRequested: false };
const open: Standing = { state: "open", draft: false, approved: null, changesRequested: false };
const approved: Standing = { ...open, approved: true };
const disputed: Standing = { ...open, approved: false, changesRequested: true };
const draft: Standing = { ...open, draft: true };
const closed: Standing = { ...open, state: "closed" };

/** A chat with a pull request, some days ago. */
function work(
  stage: Stage,
  number: number,
  daysAgo: number,
  standing: Standing,
  more: Partial<WorldDiff> = {},
): WorldChat {
  const createdAt = stage.now - daysAgo * DAY_MS;
  const repository = number % 4 === 0 ? "github.com/acme/harbour-site" : "github.com/acme/tides";
  return aChat({
    ownerId: stage.ownerId,
    organizationId: DEFAULT_ORGANIZATION_ID,
    createdAt,
    modelId: models[number % 7 < 4 ? 0 : number % 7 < 6 ? 1 : 2]?.id ?? "",
    diff: aDiff({
      url: `https://${repository}/pull/${number}`,
      number,
      title: titles[number % titles.length] ?? "",
      additions: 20 + ((number * 37) % 400),
      deletions: (number * 17) % 120,
      repository,
      openedAt: createdAt + HOUR_MS,
      mergedAt: standing.state === "merged" ? createdAt + (2 + (number % 9)) * HOUR_MS : null,
      ...standing,
      ...more,
    }),
    calls: Array.from({ length: 3 }, (_, call) => aCall(300_000 + ((number * 7_919 + call * 104_729) % 400_000))),
  });
}

export const fixtures = {
  /** An ordinary month: ups and downs, reviews, sub-agents, a model without a price, and titles from everywhere. */
  default(stage: Stage): WorldChat[] {
    const standings = [merged, approved, merged, closed, merged, draft, merged, disputed, merged, merged];
    const now = Array.from({ length: 33 }, (_, index) => {
      const daysAgo = 0.4 + ((index * index * 0.37) % 29);
      return work(stage, 200 - index, daysAgo, standings[index % 10] ?? merged);
    });
    const before = Array.from({ length: 26 }, (_, index) =>
      work(stage, 150 - index, 31 + index, index % 3 === 0 ? closed : merged),
    );
    const hostile = [
      work(stage, 301, 0.1, approved, { title: hostileTitles.long }),
      work(stage, 302, 0.2, merged, { title: hostileTitles.turned }),
      work(stage, 303, 0.3, disputed, { title: hostileTitles.markup }),
    ];
    const [parent] = hostile;
    const helper = aChat({ ...own(stage), parentId: parent?.id ?? null, calls: [aCall(420_000), aCall(null)] });
    const review = { ...work(stage, 302, 0.5, merged, { title: hostileTitles.turned }), calls: [aCall(95_000)] };
    return [...now, ...before, ...hostile, helper, review];
  },
  /** Nearly all is merged, and it costs little. */
  "high-performance"(stage: Stage): WorldChat[] {
    return Array.from({ length: 128 }, (_, index) => {
      const daysAgo = 0.3 + ((index * 0.618 * 30) % 58);
      const chat = work(stage, 500 - index, daysAgo, index % 24 === 5 ? open : merged);
      return { ...chat, calls: [aCall(90_000 + ((index * 7_919) % 60_000))] };
    });
  },
  /** Two, of which one is merged. */
  "low-volume": (stage: Stage): WorldChat[] => [
    work(stage, 12, 3, merged, { approved: null }),
    { ...work(stage, 13, 1, open), calls: [aCall(2_000)] },
  ],
  "no-pull-requests": (stage: Stage): WorldChat[] => [aChat({ ...own(stage), createdAt: stage.now - DAY_MS })],
};

function own({ ownerId, now }: Stage): Pick<WorldChat, "ownerId" | "organizationId" | "createdAt"> {
  return { ownerId, organizationId: DEFAULT_ORGANIZATION_ID, createdAt: now - DAY_MS };
}

/** Has these chats, and no others, in the database of a Tideline of one's own. */
export async function stage(tideline: OwnTideline, world: readonly WorldChat[]): Promise<void> {
  const modelRows = models.map(({ name, ...model }) => ({
    ...model,
    display_name: name,
    enabled: 0,
    context_limit: 1_000,
    compression_threshold: 70,
    options: "{}",
    created_at: 1,
    updated_at: 1,
  }));
  await stageRows(tideline, { chat_model_configs: modelRows, ...rowsOf(world) }, { anew: true });
}
