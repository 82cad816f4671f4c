/**
 * Settles with `work`, or resolves after `limitMs`, whichever is first; `work` goes on. The timer does
 * not outlive it: an object with a timer cannot sleep.
 */
export async function waitAtMost(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
