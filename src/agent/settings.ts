import { createHash } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { wordsOf } from "./say.ts";

export interface AgentSettings {
  /** The relay's address, ws: or wss:. */
  endpoint: URL;
  token: string;
  stateFolder: string;
  /** Where the code is: relative paths and commands start here. Real path. */
  directory: string;
  home: string;
  /** Folders beside the directory that file tools may enter. Real paths. */
  extraRoots: string[];
  /** Whether processes outlive the agent when it is asked to stop. */
  keepProcesses: boolean;
}

/** The agent cannot start like this; the message is one sentence for the person who starts it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

type Environment = Record<string, string | undefined>;

export function readSettings(environment: Environment, workingDirectory: string): AgentSettings {
  const endpoint = relayEndpoint(environment["TIDELINE_URL"]);
  const token = readToken(environment);
  const home = homedir();
  return {
    endpoint,
    token,
    stateFolder: environment["TIDELINE_STATE_DIR"]
      ? resolve(workingDirectory, environment["TIDELINE_STATE_DIR"])
      : join(home, ".tideline", "agent", stateName(endpoint, token)),
    directory: realpathSync(workingDirectory),
    home,
    extraRoots: (environment["TIDELINE_ROOTS"] ?? "").split(delimiter).filter(Boolean).map(realRoot),
    keepProcesses: environment["TIDELINE_KEEP_PROCESSES"] === "1",
  };
}

function relayEndpoint(text: string | undefined): URL {
  if (!text)
    throw new SettingsError("Set TIDELINE_URL to the address of your Tideline, such as https://tideline.example.com.");
  if (!URL.canParse(text)) throw new SettingsError(`TIDELINE_URL is not an address: ${text}`);
  const url = new URL(text);
  if (url.protocol === "https:") url.protocol = "wss:";
  else if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new SettingsError("TIDELINE_URL must begin with https:// or http://.");
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/v2/workspaceagents/me/rpc`;
  url.search = "";
  url.hash = "";
  return url;
}

function readToken(environment: Environment): string {
  const direct = environment["TIDELINE_AGENT_TOKEN"]?.trim();
  if (direct) return checkedToken(direct);
  const file = environment["TIDELINE_AGENT_TOKEN_FILE"];
  if (!file) throw new SettingsError("Set TIDELINE_AGENT_TOKEN, or TIDELINE_AGENT_TOKEN_FILE to a file that holds it.");
  return checkedToken(readTokenFile(file));
}

function readTokenFile(file: string): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new SettingsError(`Others can read the token file; run: chmod 600 ${file}`);
    }
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new SettingsError(`The token file cannot be read: ${wordsOf(error)}`);
  }
}

function checkedToken(token: string): string {
  // It becomes a header: anything else would be refused later with a message that shows the token.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new SettingsError("The agent token is empty or has characters no token has.");
  return token;
}

/** Each connection has its own state: two workspaces on one machine must not share a journal. */
function stateName(endpoint: URL, token: string): string {
  return createHash("sha256").update(`${endpoint.href}\n${token}`).digest("hex").slice(0, 32);
}

function realRoot(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (error) {
    throw new SettingsError(`TIDELINE_ROOTS names a folder that cannot be used: ${wordsOf(error)}`);
  }
}
