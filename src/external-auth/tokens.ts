import { openDatabase } from "../platform/d1.ts";
import { refreshProvider } from "./fresh-token.ts";
import { linkStore } from "./links.ts";
import type { TokenSource } from "./ports.ts";
import { answerOf } from "./refresh.ts";

/**
 * The tokens of everybody, from wherever one is needed. One that is good is read and answered; one that is not is
 * renewed in the person's UserObject, however many ask for it at once, in however many isolates.
 */
export function tokenSource(env: Env): TokenSource {
  return {
    async token(userId, providerId) {
      const provider = refreshProvider(env, providerId);
      if (provider === null) return { state: "not_connected" };
      const store = linkStore(openDatabase(env.DB), env.SECRET_KEY, { userId, providerId });
      const known = answerOf(await store.read(), provider, Date.now());
      return known ?? env.USERS.getByName(userId).freshToken({ userId, providerId });
    },
  };
}
