/** Runs `work` for each item, at most `most` of them at once, and answers in the order of the items. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const ahead = items.entries();
  async function lane(): Promise<void> {
    // One iterator for all lanes: each takes the next that nobody has taken.
    for (const [at, item] of ahead) results[at] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, lane));
  return results;
}
