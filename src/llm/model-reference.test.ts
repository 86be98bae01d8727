import { expect, test } from "vitest";
import { parseModelReference } from "./model-reference.ts";

test.each([
  ["http://127.0.0.1:8000/v1#gpt-4", { baseUrl: "http://127.0.0.1:8000/v1", model: "gpt-4" }],
  ["https://api.openai.com/v1/#gpt-4.1", { baseUrl: "https://api.openai.com/v1", model: "gpt-4.1" }],
  [
    "http://localhost:8080#meta-llama/Llama-3-8B",
    { baseUrl: "http://localhost:8080", model: "meta-llama/Llama-3-8B" },
  ],
  ["anthropic#claude-x", { baseUrl: "https://api.anthropic.com", model: "claude-x", dialect: "anthropic" }],
  [
    "https://api.anthropic.com/v1/#claude-x",
    { baseUrl: "https://api.anthropic.com", model: "claude-x", dialect: "anthropic" },
  ],
  [
    "anthropic+http://127.0.0.1:4000/proxy#claude-x",
    { baseUrl: "http://127.0.0.1:4000/proxy", model: "claude-x", dialect: "anthropic" },
  ],
  ["http://h/v1#org/model#v2", { baseUrl: "http://h/v1", model: "org/model#v2" }],
])("%s", (reference, expected) => {
  expect(parseModelReference(reference)).toEqual(expected);
});

test.each([
  ["gpt-4", "no #"],
  ["http://127.0.0.1:8000/v1", "no #"],
  ["http://127.0.0.1:8000/v1#", "name after # is empty"],
  ["#gpt-4", "URL before # is empty"],
  ["localhost#gpt-4", "malformed"],
  ["ftp://host/v1#gpt-4", "http:// or https://"],
  ["http://user:hunter22@host/v1#gpt-4", "OPENAI_API_KEY"],
  ["https://host/v1?api_key=hunter22#gpt-4", "OPENAI_API_KEY"],
])("%s is refused, and the message shows the form to use", (reference, reason) => {
  const refuse = (): unknown => parseModelReference(reference);
  expect(refuse).toThrow(reason);
  expect(refuse).toThrow("http://127.0.0.1:8000/v1#gpt-4");
  expect(refuse).not.toThrow("hunter22");
});
