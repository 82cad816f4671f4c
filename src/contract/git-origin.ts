/**
 * The address of a remote without what could be a password or a token in it; "" when that cannot be told apart.
 * The user of ssh stays: `ssh://git@host/owner/name` does not work without it.
 *
 * @example originWithoutCredentials("https://ada:secret@github.com/acme/app.git") // https://github.com/acme/app.git
 */
export function originWithoutCredentials(origin: string): string {
  const text = origin.trim();
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)/i.exec(text);
  // `git@host:owner/name`, or a folder: ssh takes no password there.
  if (parts === null) return /[\s\p{Cc}]/u.test(text) ? "" : text;
  const [, scheme = "", authority = "", path = ""] = parts;
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const [user = ""] = authority.slice(0, Math.max(0, at)).split(":");
  const keepsUser = /ssh$/i.test(scheme) && user !== "";
  const stripped = `${scheme}://${keepsUser ? `${user}@` : ""}${host}${path}`;
  // A password with a slash in it ends up behind the host; better no address than half a secret.
  return path.includes("@") || /[\s\p{Cc}]/u.test(stripped) ? "" : stripped;
}
