import { expect, test } from "vitest";
import { type TokenText, textMismatch } from "./token-texts.ts";

const tokens = (...texts: string[]): TokenText[] => texts.map((token) => ({ token }));
const byteTokens = (...parts: number[][]): TokenText[] => parts.map((bytes) => ({ token: "?", bytes }));

test.each<[string, readonly TokenText[], string, string[]?]>([
  ["the same text", tokens("It", " is"), "It is"],
  ["spaces trimmed by the server", tokens(" It", " is", "\n"), "It is"],
  ["SentencePiece's spaces", tokens("▁It", "▁is"), "It is"],
  ["byte-level spaces and line ends", tokens("It", "Ġis", "Ċ"), "It is\n"],
  ["an end token", tokens("It", " is", "<|im_end|>"), "It is"],
  ["an end token alone", tokens("</s>"), ""],
  ["a stop sequence, cut off in the text", tokens("It", " is", " END", " of"), "It is", ["END"]],
  ["a character in two tokens, by its bytes", byteTokens([0xc3], [0xa9, 0x21]), "é!"],
  ["a character in two tokens, shown as U+FFFD", tokens("caf", "\uFFFD", "\uFFFD", "!"), "café!"],
  ["a character in two tokens, as SentencePiece shows it", tokens("caf", "<0xC3>", "<0xA9>"), "café"],
  ["a character in two tokens, as OpenAI shows it", tokens("caf", "bytes:\\xc3", "bytes:\\xa9"), "café"],
  ["tokens given as ids, which cannot be compared", tokens("token_id:15", "token_id:7"), "It is"],
  ["tokens without texts", [{}, { token: null }], "It is"],
])("tolerated: %s", (_name, given, text, stop) => {
  expect(textMismatch(given, text, stop)).toBeUndefined();
});

test.each<[string, readonly TokenText[], string, string[]?]>([
  ["another text", tokens("It", " is"), "It was"],
  ["a text that goes on", tokens("It", " is"), "It is so"],
  ["tokens that go on", tokens("It", " is", " so"), "It is"],
  ["hidden thoughts before the text", tokens("Hm", ".", "It", " is"), "It is"],
  ["tokens for no text", tokens("It"), ""],
  ["what follows is no stop sequence", tokens("It", " is", " so"), "It is", ["END", "\n"]],
  ["other ASCII beside a character in parts", tokens("bad", "\uFFFD"), "café"],
])("a mismatch: %s", (_name, given, text, stop) => {
  expect(textMismatch(given, text, stop)).toContain("belong to another text");
});
