/** Whether the tokens that a server gave log-probabilities for are those of the text that it gave. */

export interface TokenText {
  token?: string | null | undefined;
  /** UTF-8, where the server tells: a token may be a part of a character. */
  bytes?: readonly number[] | null | undefined;
}

/**
 * What is wrong, if anything. Tolerated: spaces that differ, since tokenizers write them in their own ways; parts of
 * characters that no text can show; special tokens, such as the end token; a stop sequence after the text.
 */
export function textMismatch(
  tokens: readonly TokenText[],
  text: string,
  stop: readonly string[] = [],
): string | undefined {
  if (tokens.length === 0 || tokens.some(cannotBeRead)) return undefined;
  const spelled = spell(tokens);
  const comparable = UNREADABLE_PARTS.test(spelled) || text.includes("\uFFFD") ? asciiOf : withoutSpaces;
  const [said, written] = [comparable(spelled), comparable(text)];
  if (said.startsWith(written) && mayFollow(said.slice(written.length), stop.map(comparable)))
    return undefined;
  return `its log-probabilities belong to another text: their tokens read ${excerpt(spelled)}, the reply reads ${excerpt(text)}`;
}

/** vLLM's --return-tokens-as-token-ids, and servers that leave the field out. */
function cannotBeRead({ token, bytes }: TokenText): boolean {
  return (typeof token !== "string" && !bytes) || /^token_id:\d+$/.test(token ?? "");
}

function spell(tokens: readonly TokenText[]): string {
  if (tokens.every(({ bytes }) => Array.isArray(bytes))) {
    return Buffer.from(tokens.flatMap(({ bytes }) => bytes!)).toString("utf8");
  }
  return tokens.map(({ token }) => token ?? "").join("");
}

/** U+FFFD, `<0xE2>` of SentencePiece, `bytes:\xe2` of OpenAI. */
const UNREADABLE_PARTS = /\uFFFD|<0x[0-9A-F]{2}>|bytes:(?:\\x[0-9a-f]{2})+/i;
const ALL_UNREADABLE_PARTS = new RegExp(UNREADABLE_PARTS.source, "gi");
/** `<|im_end|>`, `</s>`, `<end_of_turn>`, `<｜end▁of▁sentence｜>`, `[EOS]`. */
const SPECIAL_TOKENS =
  /<[|｜][^<>]*[|｜]>|<\/?s>|<(?:eos|bos|pad|unk|end_of_turn|start_of_turn|end_of_text)>|\[EOS\]/g;

function withoutSpaces(text: string): string {
  // SentencePiece writes a space as U+2581, byte-level tokenizers as U+0120 and a line's end as U+010A.
  return text.replace(SPECIAL_TOKENS, "").replace(/[\s\u2581\u0120\u010A]+/g, "");
}

function asciiOf(text: string): string {
  return withoutSpaces(text.replace(ALL_UNREADABLE_PARTS, "")).replace(/[^\x21-\x7e]+/g, "");
}

function mayFollow(rest: string, stop: readonly string[]): boolean {
  return rest === "" || stop.some((sequence) => sequence !== "" && rest.startsWith(sequence));
}

function excerpt(text: string): string {
  return text.length <= 60 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 60))}...`;
}
