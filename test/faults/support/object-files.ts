import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { OwnTideline } from "../../support/own-tideline.ts";

const stored = z.object({ id: z.string(), phase: z.string() });

/** What the storage of each chat's object says of its turn, read while no Worker runs: by chat. */
export function readPhases({ tideline }: { tideline: OwnTideline }): Map<string, string> {
  // A copy, since opening the files of a killed process would recover them in its place.
  const folder = mkdtempSync(join(tmpdir(), "tideline-objects-"));
  try {
    cpSync(join(tideline.folder, "state", "state", "v3", "do", "tideline-ChatObject"), folder, { recursive: true });
    const files = readdirSync(folder).filter((name) => /^[0-9a-f]+\.sqlite$/.test(name));
    const rows = files.flatMap((name) => readTurn(join(folder, name)));
    return new Map(rows.map(({ id, phase }) => [id, phase]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readTurn(file: string): z.infer<typeof stored>[] {
  const database = new DatabaseSync(file);
  try {
    const tables = database.prepare("select 1 from sqlite_master where name in ('chat', 'turn')").all();
    if (tables.length < 2) return [];
    return stored.array().parse(database.prepare("select chat.id, turn.phase from chat, turn").all());
  } finally {
    database.close();
  }
}
