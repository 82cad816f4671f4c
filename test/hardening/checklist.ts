/*
 * The attacks that systems like this one have fallen to, and the tests that try them here. Where a room has such a
 * test of its own, it is named and not repeated. `checklist.test.ts` sees to it that each is there.
 */

export interface Line {
  attack: string;
  /** Titles by file, as they stand there. */
  tests: Record<string, string[]>;
}

const HERE = "test/hardening";

export const checklist: Line[] = [
  {
    attack: "Markup, links and remote images in what a model says",
    tests: {
      "test/web/chat/markdown.test.ts": [
        "keeps raw HTML as text: %s",
        "makes no link to %s",
        "loads no image: %s",
        "reorders no text that a reader checks before running it",
      ],
      "test/web/chat/words.test.ts": ["safeHref", "terminalText"],
    },
  },
  {
    attack: "Hostile names of people, groups and files wherever they are shown",
    tests: {
      "test/browser/people.browser.test.ts": [
        "finds accounts by words, status and kind, and stands whatever they are called",
      ],
      "test/browser/sharing.browser.test.ts": ["stands whatever people are called"],
      "test/audit/routes.worker.test.ts": ["is written as CSV that no spreadsheet runs, with the same filters"],
      [`${HERE}/files.worker.test.ts`]: ["is one name and one header: %s"],
    },
  },
  {
    attack: "Pages in frames, foreign scripts, answers in shared caches",
    tests: {
      [`${HERE}/answers.worker.test.ts`]: [
        "%s (%i) has the policy of the page and no word for other sites",
        "%s (%i) is kept by no shared cache",
        "has a policy that runs no script but our own, and is in nobody's frame",
        "is told nothing",
      ],
      "test/platform/security-headers.test.ts": ["are the same on assets, which the Worker does not serve"],
    },
  },
  {
    attack: "Files that are not what they say",
    tests: {
      [`${HERE}/files.worker.test.ts`]: [
        "is served as what its first bytes are, by no page's leave: %s",
        "is refused where it is nothing that is allowed: %s",
        "is no page though it is text: a browser saves it",
      ],
      [`${HERE}/answers.worker.test.ts`]: [
        "is of no other site, runs nothing and is kept by its reader's browser alone",
      ],
      "test/chats/files.worker.test.ts": [
        "takes 10 MiB and not a byte more, whether or not the request says its length",
      ],
      "test/chats/file-type.test.ts": ["answers an allowed type or refuses, whatever it is given"],
    },
  },
  {
    attack: "Requests that the server is made to send (SSRF)",
    tests: {
      "test/platform/outgoing.test.ts": [
        "refuses %s, unless private addresses are allowed",
        "always refuses %s",
        "wants https, except towards private networks",
      ],
      [`${HERE}/outgoing.worker.test.ts`]: ["is no address of a provider: %s", "nor becomes one by a change"],
      "test/models/errors.test.ts": ['scenario: "redirect"', "calls no private address that was stored by a user"],
      "test/models/routes.worker.test.ts": ["do not send the environment's key to an address that was entered here"],
      "test/identity/outside.worker.test.ts": ["calls no endpoint in a private network that a public issuer names"],
    },
  },
  {
    attack: "WebSockets from other sites, too large, or with a token in the address",
    tests: {
      [`${HERE}/sockets.worker.test.ts`]: [
        "opens for no page of another site, whatever else it says",
        "takes no token out of its address or its subprotocol",
        "is closed with 1008 on a frame that is too long, text or binary",
      ],
      "test/chats/losing-access.worker.test.ts": [
        "is seen through when D1 was written after the Worker's look and before the socket was there",
      ],
    },
  },
  {
    attack: "Requests forged by other sites (CSRF), also signing somebody in",
    tests: {
      "test/app/app.worker.test.ts": [
        "change nothing",
        "cannot sign anybody in",
        "open no socket",
        "must be JSON and say so",
      ],
      [`${HERE}/credentials.worker.test.ts`]: ["do not take the Origin check off a cookie"],
      "test/identity/outside.worker.test.ts": [
        "asks for a code with PKCE, state, nonce and the exact address to come back to",
        "is for the browser that left, once, and not for long",
        "is not misled by what somebody puts into the address or the cookie",
      ],
    },
  },
  {
    attack: "Somebody else's account connected, codes taken to another provider, and ways back that lead elsewhere",
    tests: {
      "test/external-auth/connecting.worker.test.ts": [
        "another state, two states, or none",
        "the same answer twice, even with the cookie put back",
        "the session of another person, of nobody, and a token",
        "an answer of one provider brought to another, and one that is too late",
        "a page of another site that begins it",
        "never ends at %j",
      ],
    },
  },
  {
    attack: "Ids of others, and lists that leak or run short",
    tests: {
      "test/access/matrix/chats.worker.test.ts": [],
      "test/access/matrix/accounts.worker.test.ts": [],
      "test/access/matrix/organizations.worker.test.ts": [
        "knows every operation of the document, and none that is not there",
      ],
      "test/access/filter.test.ts": [
        "agree with the definition and with each other, for every role, mode, scope, action and table",
      ],
      "test/chats/ids.worker.test.ts": [
        "is 404 for who has no part in the chat, and changes nothing",
        "is 404 for what is in another chat of the same person",
      ],
      "test/chats/sharing.worker.test.ts": ["give full pages though most chats between are of others"],
      "test/identity/accounts.worker.test.ts": ["is one of two who end each other at once"],
    },
  },
  {
    attack: "Secrets in tables, answers, logs, errors and the audit log",
    tests: {
      [`${HERE}/secrets.worker.test.ts`]: ["is not in %s", "is told by a flag, and kept when a change leaves it out"],
      "test/platform/log.test.ts": ["keeps what was bound to a failed query to itself"],
      "test/platform/sealing.test.ts": [
        "opens with nothing but the key that closed it",
        "compares texts of any length",
      ],
      "test/models/errors.test.ts": ["hides a key that the provider quotes"],
      "test/app/app.worker.test.ts": ["has one line a request, that says who, what and how long, and no secret"],
    },
  },
  {
    attack: "Hostile and mixed credentials",
    tests: {
      [`${HERE}/credentials.worker.test.ts`]: [
        "is a 401 that repeats none of it",
        "let none through that is wrong, whatever stands beside it",
        "are the person of the header, not of the cookie",
        "is none",
      ],
    },
  },
  {
    attack: "Bodies and parameters of the wrong type on every route",
    tests: {
      "test/app/routes.worker.test.ts": ["is never broken by what clients send"],
      "test/app/app.worker.test.ts": [
        "that nest deeper than a stack are no crash",
        "over 4 MB are 413, whether or not they say their length",
      ],
    },
  },
  {
    attack: "Guessing, flooding, and finding out who has an account",
    tests: {
      "test/identity/sign-in.worker.test.ts": [
        "stops guessing at one account, by any of its names, and says how long",
        "stops an address that walks through accounts",
        "counts attempts that come all at once",
      ],
      "test/identity/setup.worker.test.ts": ["limits how often tokens can be tried"],
      "test/identity/invites.worker.test.ts": [
        "counts uses of one address, whether or not they were links, and says how long",
        "bounds how many one person makes",
      ],
      "test/chats/use-limits.worker.test.ts": [
        "lets the last one through and then says how long to wait, to that person alone",
      ],
      "test/identity/password.test.ts": ["cost an unknown user the same derivation as a known one"],
      [`${HERE}/enumeration.worker.test.ts`]: [
        "to sign in: known, unknown, without a password, of the system",
        "to reset a password, or with an invite to a name that is taken",
        "by a member: a person who is there and one who is not are the same 404",
      ],
    },
  },
  {
    attack: "Text from outside that speaks as if it were the person, and tools that leave their folder",
    tests: {
      "test/models/attachments.test.ts": ["are words when they are text, in a block that they cannot end"],
      "test/agent/files.agent.test.ts": ["never leave by a folder that is swapped for a link in the middle"],
      "test/agent/execute.agent.test.ts": [
        "gives commands an environment for working alone, and no secret of the agent",
      ],
    },
  },
  {
    attack: "Forged and repeated webhooks",
    tests: {
      "test/git/webhook-events.test.ts": ["are signed over every byte", "are nothing when they speak of another host"],
      "test/git/routes.worker.test.ts": [
        "are refused when whoever sends them does not know the secret",
        "are counted by address",
        "are chats on that branch of that repository, however its remote is written, and no others",
      ],
    },
  },
  {
    attack: "Remotes and addresses that would carry a git token elsewhere",
    tests: {
      "test/git/providers/urls.test.ts": ["refuses %j", "makes nothing of anything that leads elsewhere: ${type}"],
      "test/git/providers/contract.test.ts": ["follows a repository that moved, but never with our token elsewhere"],
      "test/git/resolve.test.ts": ["is the first whose expression fits, whatever comes of it"],
      "test/git/diff.test.ts": ["is asked of two providers with the token of each, and never the other's"],
    },
  },
];
