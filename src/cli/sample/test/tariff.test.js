import assert from "node:assert/strict";
import { test } from "node:test";
import { classFor, discountFor } from "../src/tariff.js";

test("puts boats into classes by their length", () => {
  assert.equal(classFor(6).name, "small");
  assert.equal(classFor(12.1).name, "medium");
  assert.equal(classFor(30).name, "large");
});

test("gives the discount from the seventh night", () => {
  assert.equal(discountFor(6), 0);
  assert.equal(discountFor(7), 0.1);
});

test("refuses a boat without a length", () => {
  assert.throws(() => classFor(0), RangeError);
});
