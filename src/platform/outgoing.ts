import { Problem } from "./problem.ts";

export interface OutgoingOptions {
  /** Allows http, local names and private networks: for a model or a service on one's own machine. */
  allowPrivate: boolean;
}

type Reach = "public" | "private" | "forbidden";

/** Names of machines that clouds answer secrets at; private or not, nobody calls them from here. */
const METADATA_NAMES = /(^|\.)(metadata|instance-data)(\.|$)/;
/** RFC 6761, RFC 6762, RFC 8375 and the names that cluster networks use. */
const LOCAL_NAMES = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|arpa|test|invalid|example)$/;
/** Public names that answer with whatever address stands in them. */
const WILDCARD_NAMES = /(^|\.)(nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com)$/;
/** Below these live mail, shells and the like; what speaks HTTP there are the two usual ones. */
const LOWEST_FREE_PORT = 1024;

/**
 * Checks an address that a user gave before anything is sent there, in its parsed form: the parser has
 * then undone octal, hexadecimal, short and full-width spellings of numbers. Names are not resolved here
 * (a Worker cannot); callers also use `redirect: "manual"`. Throws a 400 Problem that says what is wrong.
 *
 * @example checkOutgoingUrl("https://api.example.com/v1", { allowPrivate: false })
 */
export function checkOutgoingUrl(text: string, { allowPrivate }: OutgoingOptions): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refused("Give a full address, such as https://api.example.com/v1.");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused("The address must begin with https://.");
  if (url.username !== "" || url.password !== "")
    throw refused("The address must not contain a user name or password.");
  const port = url.port === "" ? 443 : Number(url.port);
  if (port < LOWEST_FREE_PORT && port !== 80 && port !== 443) throw refused(`Port ${port} is not allowed.`);

  const reach = reachOf(url.hostname);
  if (reach === "forbidden") throw refused("This host is not allowed.");
  if (allowPrivate) return url;
  if (reach === "private") {
    throw refused("The address leads to a private network. To allow that, set ALLOW_PRIVATE_PROVIDERS=1.");
  }
  if (url.protocol === "http:") throw refused("The address must begin with https://.");
  return url;
}

function refused(detail: string): Problem {
  return new Problem(400, "This address cannot be used.", { detail });
}

/** Where a host name leads, as far as its text says. */
function reachOf(hostname: string): Reach {
  if (hostname.startsWith("[")) return reachOfV6(groupsOf(hostname.slice(1, -1)));
  const name = hostname.toLowerCase().replace(/\.+$/, "");
  const v4 = bytesOf(name);
  if (v4 !== null) return reachOfV4(v4);
  if (METADATA_NAMES.test(name)) return "forbidden";
  const local = !name.includes(".") || LOCAL_NAMES.test(name) || WILDCARD_NAMES.test(name);
  return local ? "private" : "public";
}

function bytesOf(name: string): number[] | null {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? name.split(".").map(Number) : null;
}

/** IANA's special-purpose registry: what is not globally reachable. */
function reachOfV4([a = 0, b = 0, c = 0, d = 0]: readonly number[]): Reach {
  if (a === 169 && b === 254) return "forbidden"; // link-local, where clouds keep their metadata
  if (a === 100 && b === 100 && c === 100 && d === 200) return "forbidden"; // metadata of one more cloud
  if (a >= 224) return "forbidden"; // multicast, reserved, broadcast
  const isPrivate =
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 192 && b === 88 && c === 99) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113);
  return isPrivate ? "private" : "public";
}

/** Only 2000::/3 is handed out; some of it, and some outside of it, carries an IPv4 address inside. */
function reachOfV6(groups: readonly number[]): Reach {
  const [first = 0, second = 0] = groups;
  const isZero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0);
  // ::/96 and ::ffff:0:0/96 are IPv4 in another spelling; 64:ff9b::/96 is a translator to it.
  if (isZero(0, 5) && (groups[5] === 0xffff || groups[5] === 0) && !isZero(6, 7)) return reachOfV4(lastFour(groups));
  if (first === 0x64 && second === 0xff9b) return isZero(2, 6) ? reachOfV4(lastFour(groups)) : "private";
  if (first === 0x2002) return reachOfV4([second >> 8, second & 255, (groups[2] ?? 0) >> 8, (groups[2] ?? 0) & 255]);
  if ((first & 0xffc0) === 0xfe80 || first >= 0xff00) return "forbidden"; // link-local, multicast
  if (first === 0xfd00 && second === 0x0ec2) return "forbidden"; // metadata of a cloud, over IPv6
  const isGlobal = first >= 0x2000 && first < 0x4000;
  const isSpecial = first === 0x2001 && (second === 0 || second === 0xdb8 || (second >= 0x10 && second < 0x30));
  return isGlobal && !isSpecial ? "public" : "private";
}

/** The eight groups of an address that the URL parser has already written in its one short form. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const numbers = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function lastFour(groups: readonly number[]): number[] {
  return groups.slice(6).flatMap((group) => [group >> 8, group & 255]);
}
