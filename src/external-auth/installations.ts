import { z } from "zod";
import type { ExternalAuthState } from "../contract/external-auth.ts";
import { askProvider, parseAnswer } from "./outgoing.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import { userOf, webAddress } from "./validation.ts";

const listed = z.object({
  installations: z.array(z.object({ id: z.int(), account: z.unknown(), html_url: z.string() })),
});

type Installations = Pick<ExternalAuthState, "app_installable" | "installations">;

/** Where a GitHub App is installed that this person may see. Any other answer means that it is no such app. */
export async function readInstallations(settings: ExternalAuthSettings, accessToken: string): Promise<Installations> {
  const none: Installations = { app_installable: false, installations: [] };
  if (settings.type !== "github" || settings.appInstallationsUrl === "") return none;
  const answer = await askProvider(settings.appInstallationsUrl, {
    headers: { authorization: `Bearer ${accessToken}`, "x-github-api-version": "2022-11-28" },
  });
  const found = answer.status === 200 ? parseAnswer(listed, answer.text) : null;
  if (found === null) return none;
  const installations = found.installations.flatMap(({ id, account, html_url }) => {
    const whose = userOf(JSON.stringify(account ?? null));
    return whose === null ? [] : [{ id, account: whose, configure_url: webAddress(html_url) }];
  });
  return { app_installable: true, installations };
}
