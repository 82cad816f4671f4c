/** Classes from the smallest to the largest. The last one has no upper end. */
const CLASSES = [
  { name: "small", longest: 12, nightlyCents: 2400 },
  { name: "medium", longest: 18, nightlyCents: 3600 },
  { name: "large", longest: Infinity, nightlyCents: 5800 },
];

/** What shore power costs a night. */
export const POWER_CENTS = 350;

/** Stays of this many nights or more are cheaper. */
const LONG_STAY_NIGHTS = 7;
const LONG_STAY_DISCOUNT = 0.1;

/** The class that a boat of this length falls into. */
export function classFor(lengthMetres) {
  if (!(lengthMetres > 0)) {
    throw new RangeError(`A boat has a length, not ${lengthMetres}`);
  }
  return CLASSES.find((entry) => lengthMetres < entry.longest);
}

/** The part of the price that a stay of so many nights saves. */
export function discountFor(nights) {
  return nights >= LONG_STAY_NIGHTS ? LONG_STAY_DISCOUNT : 0;
}
