/** A path of this app that an address bar gave; anything that leads elsewhere is the start page. */
export function ownPath(path: string | undefined): string {
  if (path === undefined || !URL.canParse(path, location.origin)) return "/";
  const url = new URL(path, location.origin);
  // As a browser reads it: `//host`, `/\\host` and a tab before a slash are other hosts.
  // The path of `/.//host` is ours until it is read a second time.
  if (url.origin !== location.origin || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search + url.hash;
}
