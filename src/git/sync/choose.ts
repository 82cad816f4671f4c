import { readExternalAuth } from "../../external-auth/settings.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnswerStore } from "../providers/provider.ts";
import { providerOf, resolveOrigin, resolvePullRequestUrl } from "../resolve.ts";
import type { ProviderChoice } from "./ports.ts";

/** The configured providers, by a remote of git or the address of a pull request. */
export function providerChooser(
  env: object,
  { clock, answersFor }: { clock: Clock; answersFor: (token: string) => AnswerStore },
): (address: string) => ProviderChoice | null {
  const { providers } = readExternalAuth(env);
  return (address) => {
    const resolved = resolveOrigin(providers, address) ?? resolvePullRequestUrl(providers, address);
    if (resolved === null) return null;
    return {
      id: resolved.settings.id,
      open: (token) =>
        providerOf(resolved, {
          token,
          // Looked up at each call: a test may stand in for the network.
          fetch: (input, init) => fetch(input, init),
          ...(token === null ? {} : { answers: answersFor(token) }),
          now: clock,
        }),
    };
  };
}
