import type { Row } from "./rows.ts";

/** Whether two rows would look the same. Parts keep their identity in the timeline, so one level is enough. */
export function sameRow(a: Row, b: Row): boolean {
  if (a === b) return true;
  if (a.kind === "run" && b.kind === "run") {
    return (
      a.key === b.key &&
      a.over === b.over &&
      a.latest === b.latest &&
      a.first === b.first &&
      sameList(a.steps, b.steps, Object.is) &&
      sameList(a.items, b.items, shallowEqual)
    );
  }
  if (a.kind === "ending" && b.kind === "ending") {
    return (
      a.key === b.key &&
      a.text === b.text &&
      a.newest === b.newest &&
      a.stopped === b.stopped &&
      sameList(a.steps, b.steps, Object.is)
    );
  }
  if (a.kind === "summary" && b.kind === "summary") return a.key === b.key && shallowEqual(a.tool, b.tool);
  if (a.kind === "sources" && b.kind === "sources")
    return a.key === b.key && sameList(a.sources, b.sources, shallowEqual);
  return a.kind === b.kind && shallowEqual(a, b);
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index]!));
}

function shallowEqual<T extends object>(a: T, b: T): boolean {
  const entries = Object.entries(a);
  const others = new Map(Object.entries(b));
  return entries.length === others.size && entries.every(([key, value]) => Object.is(others.get(key), value));
}
