import { describe, expect, it } from "vitest";
import { checkOutgoingUrl } from "../../src/platform/outgoing.ts";
import { Problem } from "../../src/platform/problem.ts";

const everywhere = [
  "https://api.anthropic.com",
  "https://api.openai.com/v1",
  "https://example.com:8443/path",
  "https://8.8.8.8/",
  "https://[2606:4700::6810:85e5]/",
  "https://bücher.example.de/",
];

/** Spellings of addresses in private networks, as attackers write them. */
const privateAddresses = [
  "https://localhost",
  "https://LOCALHOST.",
  "https://app.localhost",
  "https://127.0.0.1",
  "https://127.1",
  "https://0",
  "https://0x7f.1",
  "https://2130706433",
  "https://017700000001",
  "https://127.0.0.1.",
  "https://１２７.0.0.1",
  "https://127。0。0。1",
  "https://10.1.2.3",
  "https://100.64.0.1",
  "https://172.16.0.1",
  "https://172.31.255.255",
  "https://192.168.1.1",
  "https://192.0.2.1",
  "https://198.18.0.1",
  "https://[::1]",
  "https://[::]",
  "https://[0:0:0:0:0:0:0:1]",
  "https://[::ffff:7f00:1]",
  "https://[::ffff:127.0.0.1]",
  "https://[::127.0.0.1]",
  "https://[::ffff:10.0.0.1]",
  "https://[64:ff9b::7f00:1]",
  "https://[64:ff9b:1::1]",
  "https://[2002:7f00:1::]",
  "https://[2001:db8::1]",
  "https://[fc00::1]",
  "https://[fd12:3456:789a::1]",
  "https://printer.local",
  "https://db.internal",
  "https://nas.lan",
  "https://intranet",
  "https://127.0.0.1.nip.io",
  "https://localtest.me",
];

/** Nobody calls these from here, whatever is allowed. */
const forbidden = [
  "https://169.254.169.254/latest/meta-data",
  "http://169.254.169.254",
  "https://0xa9fea9fe",
  "https://[::ffff:a9fe:a9fe]",
  "https://[64:ff9b::a9fe:a9fe]",
  "https://[fe80::1]",
  "https://[febf::1]",
  "https://[fd00:ec2::254]",
  "https://[ff02::1]",
  "https://100.100.100.200",
  "https://224.0.0.1",
  "https://255.255.255.255",
  "https://metadata.google.internal",
  "https://metadata",
  "http://a@127.0.0.1",
  "https://user:pass@api.example.com",
  "https://api.example.com:22",
  "https://api.example.com:25",
  "ftp://api.example.com",
  "file:///etc/passwd",
  "gopher://127.0.0.1:6379",
  "javascript:alert(1)",
  "data:text/plain,x",
  "api.example.com",
  "//api.example.com",
  "https://",
  "https://[::1",
  "",
];

describe("checkOutgoingUrl", () => {
  it.each(everywhere)("allows %s", (url) => {
    expect(checkOutgoingUrl(url, { allowPrivate: false })).toBeInstanceOf(URL);
  });

  it.each(privateAddresses)("refuses %s, unless private addresses are allowed", (url) => {
    expect(() => checkOutgoingUrl(url, { allowPrivate: false })).toThrow(Problem);
    expect(checkOutgoingUrl(url, { allowPrivate: true })).toBeInstanceOf(URL);
  });

  it.each(forbidden)("always refuses %s", (url) => {
    expect(() => checkOutgoingUrl(url, { allowPrivate: true })).toThrow(Problem);
    expect(() => checkOutgoingUrl(url, { allowPrivate: false })).toThrow(Problem);
  });

  it("wants https, except towards private networks", () => {
    expect(() => checkOutgoingUrl("http://api.example.com", { allowPrivate: false })).toThrow(Problem);
    expect(checkOutgoingUrl("http://127.0.0.1:11434", { allowPrivate: true }).port).toBe("11434");
  });

  it("answers 400 and says what to do", () => {
    try {
      checkOutgoingUrl("https://10.0.0.1", { allowPrivate: false });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ status: 400, detail: expect.stringContaining("ALLOW_PRIVATE_PROVIDERS=1") });
    }
  });
});
