import { and, eq, sql } from "drizzle-orm";
import type { AuditInsert } from "../audit/record.ts";
import type { CreateProviderRequest, UpdateProviderRequest } from "../contract/models.ts";
import type { Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { electDefault } from "./model-config-records.ts";
import type { ProviderRow } from "./providers.ts";
import { chatModelConfigs, chatProviders } from "./schema.ts";

/** The key as it is stored; fields that a request leaves out keep their value. */
export interface StoredProviderChange extends Omit<UpdateProviderRequest, "api_key"> {
  sealedApiKey?: string;
}

/** Null when the provider has a row already. `audit` is the line for the row with this id. */
export async function createProvider(
  db: Database,
  request: CreateProviderRequest,
  sealedApiKey: string,
  by: { userId: string; now: number },
  audit: (id: string) => AuditInsert,
): Promise<ProviderRow | null> {
  const id = newId();
  const [[row]] = await db.batch([
    db
      .insert(chatProviders)
      .values({
        id,
        provider: request.provider,
        displayName: request.display_name ?? "",
        sealedApiKey,
        baseUrl: request.base_url ?? "",
        enabled: request.enabled,
        createdBy: by.userId,
        createdAt: by.now,
        updatedAt: by.now,
      })
      .onConflictDoNothing()
      .returning(),
    audit(id),
  ]);
  return row ?? null;
}

/** Null when there is no such provider. */
export async function updateProvider(
  db: Database,
  id: string,
  change: StoredProviderChange,
  now: number,
  audit: AuditInsert,
): Promise<ProviderRow | null> {
  const [[row]] = await db.batch([
    db
      .update(chatProviders)
      .set({
        // An empty name keeps, as the reference has it; the other texts can be cleared.
        displayName: change.display_name || undefined,
        sealedApiKey: change.sealedApiKey,
        baseUrl: change.base_url ?? undefined,
        enabled: change.enabled,
        updatedAt: now,
      })
      .where(eq(chatProviders.id, id))
      .returning(),
    audit,
  ]);
  return row ?? null;
}

/** Takes its models along, softly, since chats and the ledger refer to them. False = there is none. */
export async function deleteProvider(
  db: Database,
  id: string,
  by: { userId: string; now: number },
  audit: AuditInsert,
): Promise<boolean> {
  const [, deleted] = await db.batch([
    db
      .update(chatModelConfigs)
      .set({ deleted: true, deletedAt: by.now, isDefault: false, updatedBy: by.userId, updatedAt: by.now })
      .where(
        and(
          eq(chatModelConfigs.deleted, false),
          sql`${chatModelConfigs.provider} = (select ${chatProviders.provider} from ${chatProviders} where ${chatProviders.id} = ${id})`,
        ),
      ),
    db.delete(chatProviders).where(eq(chatProviders.id, id)).returning({ id: chatProviders.id }),
    audit,
    ...electDefault(db, null),
  ]);
  return deleted.length > 0;
}
