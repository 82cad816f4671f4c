import type { GitBranch } from "../../contract/workspace.ts";
import { say, wordsOf } from "../say.ts";
import { chatOfCall, type Places } from "./places.ts";
import { readRepository, topFolder, type Repository } from "./repository.ts";
import type { Git } from "./run.ts";

/** Calls that run side by side end together as a rule: git is asked once for all of them. */
const GATHER_MS = 200;
/** The relay confirms nothing. Work that goes on says it again now and then, should it have been lost. */
const REPEAT_MS = 5 * 60_000;
const REPORTS_KEPT = 1_000;

/** The call on whose behalf is reported: its `reply_to` proves that the chat asked this workspace for work. */
export interface ReportingCall {
  callId: string;
  replyTo: string;
}

interface DueCheck {
  call: ReportingCall;
  folders: Set<string>;
  timer: NodeJS.Timeout;
}

/**
 * Tells on which branch a chat's work is, whenever that changes: git is asked after each call that may have
 * changed it and when a command ends, for where it ran and for every repository that the chat touched before.
 * No call waits for it.
 */
export class BranchReports {
  readonly #git: Git;
  readonly #places: Places;
  readonly #send: (report: GitBranch) => boolean;
  readonly #due = new Map<string, DueCheck>();
  /** What was said last of a chat's repository, and when. */
  readonly #said = new Map<string, { text: string; at: number }>();
  /** Said while nobody listened: the newest of each repository. */
  readonly #unsent = new Map<string, GitBranch>();
  #checking: Promise<void> = Promise.resolve();

  constructor(git: Git, places: Places, send: (report: GitBranch) => boolean) {
    this.#git = git;
    this.#places = places;
    this.#send = send;
  }

  /** Something may have changed in this folder, or in another one that the chat knows. */
  touched(call: ReportingCall, folder: string): void {
    const chatId = chatOfCall(call.callId);
    const due = this.#due.get(chatId);
    if (due !== undefined) {
      due.call = call;
      due.folders.add(folder);
      return;
    }
    const timer = setTimeout(() => this.#checkSoon(chatId), GATHER_MS);
    this.#due.set(chatId, { call, folders: new Set([folder]), timer });
  }

  /** There is a connection again. */
  connected(): void {
    for (const [key, report] of [...this.#unsent]) {
      this.#unsent.delete(key);
      this.#tell(key, report);
    }
  }

  stop(): void {
    for (const { timer } of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
  }

  #checkSoon(chatId: string): void {
    const due = this.#due.get(chatId);
    if (due === undefined) return;
    this.#due.delete(chatId);
    // One after the other: many chats at work must not start a crowd of processes.
    this.#checking = this.#checking
      .then(() => this.#check(chatId, due))
      .catch((error: unknown) => say(`git could not be asked for its branch: ${wordsOf(error)}`));
  }

  async #check(chatId: string, { call, folders }: DueCheck): Promise<void> {
    const tops = await Promise.all([...folders].map((folder) => topFolder(this.#git, folder)));
    for (const top of tops) if (top !== null) this.#places.add(chatId, top);
    const [newest, ...others] = this.#places.of(chatId);
    // The one worked in last comes last: the newest report stands for the chat.
    for (const top of [...others.toReversed(), ...(newest === undefined ? [] : [newest])]) {
      const repository = await readRepository(this.#git, top);
      if (repository === null) this.#places.forget(chatId, top);
      else this.#report(chatId, call, repository, top === newest);
    }
  }

  #report(chatId: string, call: ReportingCall, repository: Repository, newest: boolean): void {
    const { path, branch, remoteOrigin } = repository;
    if (branch === null || remoteOrigin === "") return;
    const key = `${chatId}\n${path}`;
    const text = `${branch}\n${remoteOrigin}`;
    const said = this.#said.get(key);
    const now = performance.now();
    if (said?.text === text && !(newest && now - said.at >= REPEAT_MS)) return;
    this.#said.delete(key);
    this.#said.set(key, { text, at: now });
    const [oldest] = this.#said.keys();
    if (this.#said.size > REPORTS_KEPT && oldest !== undefined) this.#said.delete(oldest);
    this.#tell(key, { call_id: call.callId, reply_to: call.replyTo, path, branch, remote_origin: remoteOrigin });
  }

  #tell(key: string, report: GitBranch): void {
    if (!this.#send(report)) this.#unsent.set(key, report);
    else this.#unsent.delete(key);
  }
}
