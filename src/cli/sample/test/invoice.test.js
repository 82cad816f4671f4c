import assert from "node:assert/strict";
import { test } from "node:test";
import { invoiceFor, printInvoice } from "../src/invoice.js";

const threeNights = { arrival: "2026-05-01", departure: "2026-05-04" };

test("charges each night at the rate of the boat's class", () => {
  assert.equal(invoiceFor({ lengthMetres: 9.5, ...threeNights }).totalCents, 7200);
  assert.equal(invoiceFor({ lengthMetres: 15, ...threeNights }).totalCents, 10800);
  assert.equal(invoiceFor({ lengthMetres: 22, ...threeNights }).totalCents, 17400);
});

test("charges a boat of exactly 12 m as a small one", () => {
  const invoice = invoiceFor({ lengthMetres: 12, ...threeNights });
  assert.equal(invoice.totalCents, 7200);
});

test("takes a tenth off a week", () => {
  const week = invoiceFor({ lengthMetres: 8, arrival: "2026-05-01", departure: "2026-05-08" });
  assert.equal(week.totalCents, 15120);
});

test("adds shore power for each night, without the discount", () => {
  const week = invoiceFor({ lengthMetres: 8, arrival: "2026-05-01", departure: "2026-05-08", power: true });
  assert.equal(week.totalCents, 15120 + 7 * 350);
});

test("prints the lines and the total", () => {
  const text = printInvoice(invoiceFor({ lengthMetres: 9.5, ...threeNights }));
  assert.deepEqual(text.split("\n"), [
    "3 nights, small berth            72.00",
    "Total                            72.00",
  ]);
});
