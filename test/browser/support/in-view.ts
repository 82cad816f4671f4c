import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** What somebody has in view of a conversation, and whether it stays where it is. */

/** Ids of the messages that are in view, from the top. */
export function inView(timeline: Locator): Promise<number[]> {
  return timeline.evaluate((view) => {
    const frame = view.getBoundingClientRect();
    return [...view.querySelectorAll("[data-testid^=message-]")].flatMap((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      const id = Number(element.getAttribute("data-testid")?.slice("message-".length));
      return bottom > frame.top && top < frame.bottom ? [id] : [];
    });
  });
}

/** The view has come to rest: for a while, and for as many frames as a slow machine paints, nothing moved or grew. */
export function still(timeline: Locator): Promise<void> {
  return timeline.evaluate(async (view) => {
    const [restMs, restFrames] = [400, 12];
    let since = performance.now();
    let before = "";
    for (let frames = 0; frames < restFrames || performance.now() - since < restMs; frames += 1) {
      const now = `${view.scrollTop} ${view.scrollHeight} ${view.clientHeight}`;
      if (now !== before) {
        since = performance.now();
        frames = 0;
      }
      before = now;
      await new Promise(requestAnimationFrame);
    }
  });
}

/** Looks in every frame at what is in view now: which message or step was painted elsewhere than where it is. */
export async function watchInView(timeline: Locator): Promise<{ moved(): Promise<string[]> }> {
  const watched = await timeline.evaluateHandle((view) => {
    const frame = view.getBoundingClientRect();
    const started = performance.now();
    const topOf = (element: Element) => (element.isConnected ? element.getBoundingClientRect().top : Infinity);
    const seen = [...view.querySelectorAll("[data-testid^=message-] > :first-child, [data-testid=tool-card]")]
      .map((element) => ({ element, top: topOf(element), away: 0, farthest: 0, story: "" }))
      .filter(({ top }) => top > frame.top && top < frame.bottom);
    const state = { seen, request: 0 };
    function look(): void {
      for (const each of seen) {
        const now = topOf(each.element);
        const away = Math.abs(now - each.top);
        // What is away here may still be put right before this frame is painted; in the next one it was seen.
        const painted = Math.min(each.away, away);
        each.away = away;
        if (painted <= each.farthest) continue;
        each.farthest = painted;
        const name = each.element.closest("[data-testid]")?.getAttribute("data-testid") ?? "";
        const ms = Math.round(performance.now() - started);
        each.story = `${name} from ${each.top} by ${painted} px after ${ms} ms`;
      }
      state.request = requestAnimationFrame(look);
    }
    look();
    return state;
  });
  expect(await watched.evaluate((state) => state.seen.length)).toBeGreaterThan(0);
  return {
    moved: () =>
      watched.evaluate((state) => {
        cancelAnimationFrame(state.request);
        // Half a pixel is what the browser rounds when it scrolls; nothing on the screen moves for it.
        return state.seen.filter(({ farthest }) => Math.round(farthest) > 0).map(({ story }) => story);
      }),
  };
}

/** Lets no page of older messages come in before it is released, so that one can look at what was before. */
export async function holdOlderPages(page: Page): Promise<{ asked(): boolean; release(): void }> {
  let waiting: (() => void)[] = [];
  const url = /\/messages\?.*before_id=/;
  await page.route(url, async (route) => {
    await new Promise<void>((done) => waiting.push(done));
    await route.continue();
  });
  return {
    asked: () => waiting.length > 0,
    release() {
      const [first, ...rest] = waiting;
      waiting = rest;
      first?.();
    },
  };
}
