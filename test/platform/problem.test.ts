import { describe, expect, it } from "vitest";
import { problem } from "../../src/contract/common.ts";
import { Problem, problemResponse } from "../../src/platform/problem.ts";

describe("problemResponse", () => {
  it("answers the body of the contract, with what older clients read", async () => {
    const errors = [
      { pointer: "/title", detail: "Too long." },
      { parameter: "limit", detail: "Too large." },
    ];
    const thrown = new Problem(400, "The request is not valid.", { detail: "Two things.", errors });

    const response = problemResponse(thrown, "request-1");

    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const body = problem.parse(await response.json());
    expect(body).toEqual({
      type: "about:blank",
      title: "The request is not valid.",
      status: 400,
      detail: "Two things.",
      errors,
      request_id: "request-1",
      message: "The request is not valid.",
      validations: [
        { field: "title", detail: "Too long." },
        { field: "limit", detail: "Too large." },
      ],
    });
  });

  it("has no empty lists and keeps the problem's headers", async () => {
    const response = problemResponse(new Problem(429, "Slow down.", { headers: { "retry-after": "7" } }), "r");
    expect(response.headers.get("retry-after")).toBe("7");
    expect(Object.keys(problem.parse(await response.json()))).toEqual([
      "type",
      "title",
      "status",
      "request_id",
      "message",
    ]);
  });
});
