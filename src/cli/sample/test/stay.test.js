import assert from "node:assert/strict";
import { test } from "node:test";
import { nightsBetween } from "../src/stay.js";

test("counts nights, not days", () => {
  assert.equal(nightsBetween("2026-05-01", "2026-05-04"), 3);
});

test("counts across the end of a month and a leap day", () => {
  assert.equal(nightsBetween("2028-02-27", "2028-03-02"), 4);
});

test("refuses a departure that is not after the arrival", () => {
  assert.throws(() => nightsBetween("2026-05-04", "2026-05-04"), RangeError);
});
