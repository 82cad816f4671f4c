import type { SpendPort } from "../chats/engine/ports.ts";
import type { StepSettingsReader } from "../models/step-settings.ts";
import type { Database } from "../platform/d1.ts";
import { selectWhetherLimited } from "./limits.ts";

/** Where a chat's object has money set aside: with its owner's object, while limits are on. */
export function spendPort(
  env: Pick<Env, "USERS">,
  db: Database,
  settings: Pick<StepSettingsReader, "read">,
): SpendPort {
  return {
    limitsAreOn: async () => (await selectWhetherLimited(db)).length > 0,
    isLimited: async (ownerId) => (await settings.read(ownerId)).limited === true,
    hold: (ownerId, ask) => env.USERS.getByName(ownerId).holdSpend({ ...ask, ownerId }),
    settle: (ownerId, chatId, holds) => env.USERS.getByName(ownerId).settleSpend({ chatId, holds }),
  };
}
