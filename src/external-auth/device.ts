import { z } from "zod";
import { askProvider, parseAnswer } from "./outgoing.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import { webAddress } from "./validation.ts";

/** RFC 8628, 3.2; GitHub and others write every field, some `verification_url`. */
const deviceAnswer = z.object({
  device_code: z.string().min(1).max(1_000),
  user_code: z.string().min(1).max(100),
  verification_uri: z.string().optional(),
  verification_url: z.string().optional(),
  expires_in: z.coerce.number().positive().max(86_400),
  // 3.5: five seconds where it says nothing.
  interval: z.coerce.number().positive().max(300).catch(5),
});

export interface DeviceCode {
  deviceCode: string;
  userCode: string;
  verificationUri: string;
  expiresInSeconds: number;
  intervalSeconds: number;
}

/** Asks for a code to type in elsewhere; a sentence when the provider gives none. */
export async function askDeviceCode(settings: ExternalAuthSettings): Promise<DeviceCode | string> {
  const body = new URLSearchParams({ client_id: settings.clientId });
  if (settings.scopes.length > 0) body.set("scope", settings.scopes.join(" "));
  const answer = await askProvider(settings.deviceCodeUrl, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: body.toString(),
  });
  const name = settings.displayName;
  if (answer.status === null) return `${name} does not answer: ${answer.reason}.`;
  const given = answer.status === 200 ? parseAnswer(deviceAnswer, answer.text) : null;
  const verificationUri = webAddress(given?.verification_uri ?? given?.verification_url);
  if (given === null || verificationUri === "") return `${name} gives no code (status ${answer.status}).`;
  return {
    deviceCode: given.device_code,
    userCode: given.user_code,
    verificationUri,
    expiresInSeconds: Math.ceil(given.expires_in),
    intervalSeconds: Math.ceil(given.interval),
  };
}
