import { createHash } from "node:crypto";
import type { AnswerStore } from "../git/providers/provider.ts";
import type { ObjectMigration } from "../platform/migrator.ts";
import { firstRow, type ObjectStorage } from "../platform/object-storage.ts";

/** Answers of git providers, to be asked for conditionally; and which providers want to be left alone, until when. */
export const GIT_ANSWERS_MIGRATION: ObjectMigration = {
  id: "0005_git_answers",
  statements: [
    `create table git_answers (
      asker text not null,
      url text not null,
      etag text not null,
      body text not null,
      used_at integer not null,
      primary key (asker, url)
    ) strict, without rowid`,
    `create index git_answers_used on git_answers (used_at)`,
    `create table git_holds (provider_id text primary key, until integer not null) strict, without rowid`,
  ],
};

/** Some hundred pull requests, with a few answers each. */
const ANSWERS_KEPT = 1_000;
/** What is larger is seldom asked for, and costs one request. */
const BODY_MAX_LENGTH = 64 * 1024;

/** The answers that came with this token: one of another person, or another scope, may have seen other things. */
export function gitAnswers(storage: ObjectStorage, token: string, now: () => number): AnswerStore {
  const asker = createHash("sha256").update(token).digest("base64url");
  return {
    get(url) {
      return firstRow(
        storage.exec<{ etag: string; body: string }>(
          "update git_answers set used_at = ? where asker = ? and url = ? returning etag, body",
          now(),
          asker,
          url,
        ),
      );
    },
    put(url, { etag, body }) {
      if (body.length > BODY_MAX_LENGTH) return;
      storage.exec(
        `insert into git_answers (asker, url, etag, body, used_at) values (?, ?, ?, ?, ?)
         on conflict do update set etag = excluded.etag, body = excluded.body, used_at = excluded.used_at`,
        asker,
        url,
        etag,
        body,
        now(),
      );
      storage.exec(
        `delete from git_answers where (asker, url) in (
           select asker, url from git_answers order by used_at desc limit -1 offset ?)`,
        ANSWERS_KEPT,
      );
    },
  };
}

/** Remembered over the object's sleep: an alarm must not ask a provider that has just said "later". */
export function gitHolds(storage: ObjectStorage) {
  return {
    until(providerId: string): number | null {
      const row = storage.exec<{ until: number }>("select until from git_holds where provider_id = ?", providerId);
      return firstRow(row)?.until ?? null;
    },
    hold(providerId: string, until: number): void {
      storage.exec(
        `insert into git_holds (provider_id, until) values (?, ?)
         on conflict do update set until = max(until, excluded.until)`,
        providerId,
        Math.round(until),
      );
    },
  };
}
