import { expect, test } from "vitest";
import { hubReference, parseHubReference } from "./reference.ts";

test.each([
  ["owner/name", { id: "owner/name", revision: "main" }],
  ["HuggingFaceTB/SmolLM2-135M_x.y", { id: "HuggingFaceTB/SmolLM2-135M_x.y", revision: "main" }],
  ["owner/name@v1.0", { id: "owner/name", revision: "v1.0" }],
  ["owner/name@refs/pr/1", { id: "owner/name", revision: "refs/pr/1" }],
  ["hf:owner/name@main", { id: "owner/name", revision: "main" }],
  ["hf:gpt2", { id: "gpt2", revision: "main" }],
  ["hf:gpt2@abc", { id: "gpt2", revision: "abc" }],
])("%s", (text, expected) => {
  expect(parseHubReference(text)).toEqual(expected);
});

test.each([
  "gpt2",
  "./runs/sft",
  "../models/x",
  "/models/x",
  "runs/sft/checkpoints",
  "runs/sft/",
  "a--b/c",
  "",
  "C:/x",
])("%s is a path", (text) => {
  expect(parseHubReference(text)).toBeUndefined();
});

test.each(["owner/name@", "owner/name@../../x", "owner/name@-x", "owner/..", "own er/name"])(
  "%s names nothing",
  (text) => {
    expect(parseHubReference(text)).toBeUndefined();
    expect(() => parseHubReference(`hf:${text}`)).toThrow("expected hf:owner/name");
  },
);

test("an id by itself, as adapters name their base, may be a name alone", () => {
  expect(hubReference("gpt2", "main")).toEqual({ id: "gpt2", revision: "main" });
  expect(hubReference("owner/name", "v1.0")).toEqual({ id: "owner/name", revision: "v1.0" });
  for (const path of ["/models/x", "./x", "a/b/c", "", ".."])
    expect(hubReference(path, "main")).toBeUndefined();
  expect(hubReference("owner/name", "../x")).toBeUndefined();
});
