import { afterEach, describe, expect, it, vi } from "vitest";
import { createRun, csrfToken, refusal } from "./api";

afterEach(() => vi.unstubAllGlobals());

describe("refusal", () => {
  it("is the server's own sentence, with the time to wait", async () => {
    const body = JSON.stringify({ error: { code: "rate", message: "Too many runs.", field: null } });
    const error = await refusal(new Response(body, { status: 429, headers: { "Retry-After": "7" } }));
    expect(error.message).toBe("Too many runs. Try again in 7 seconds.");
    expect(error).toMatchObject({ status: 429, code: "rate" });
  });

  it("is a sentence also where the answer is no JSON", async () => {
    const error = await refusal(new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(error.message).toBe("The server answered with an error (502).");
  });
});

describe("createRun", () => {
  it("sends the program with the CSRF token and does not wait for its end", async () => {
    vi.stubGlobal("document", { cookie: "a=1; csrftoken=abc%3D" });
    const asked = vi.fn(async () => new Response(JSON.stringify({ id: "r" }), { status: 201 }));
    vi.stubGlobal("fetch", asked);
    await createRun({ code: "x", device: "auto", seed: null, params: {} });
    const [path, init] = asked.mock.calls[0] as unknown as [string, RequestInit];
    expect(path).toBe("/api/runs/");
    expect(init.headers).toMatchObject({ "X-CSRFToken": "abc=" });
    expect(JSON.parse(init.body as string)).toEqual({ code: "x", device: "auto", seed: null, params: {}, wait: false });
  });

  it("says in a sentence that there is no server", async () => {
    vi.stubGlobal("document", { cookie: "" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    const program = { code: "x", device: "auto" as const, seed: null, params: {} };
    await expect(createRun(program)).rejects.toThrow("The server cannot be reached.");
  });
});

it("finds no token where there is no cookie", () => {
  expect(csrfToken("mycsrftoken=1; other=2")).toBe("");
});
