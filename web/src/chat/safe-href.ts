const schemes: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/** The address of a link in an answer, or null for anything but the web and mail. */
export function safeHref(href: string | undefined): string | null {
  if (href === undefined || !URL.canParse(href)) return null;
  return schemes.has(new URL(href).protocol) ? href : null;
}
