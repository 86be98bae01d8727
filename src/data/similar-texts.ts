/**
 * Finds whether a text is as similar, in ROUGE-L F, to one that is known. Exact, without comparing every two texts: F of at
 * least t between texts of m and n tokens needs a common subsequence of t (m + n) / 2 tokens, and so a token in common among
 * the rarest ones of both (prefix filtering: Chaudhuri et al., 2006; Bayardo et al., 2007).
 */
import { rougeL } from "../text/rouge.ts";
import { type Tokenizer, tokenize } from "../text/tokenize.ts";

export interface Similarity {
  /** Above 0, at most 1. */
  readonly threshold: number;
  readonly tokenizer: Tokenizer;
}

/** How often tokens occur in texts. It makes the search quick, not right: any counts give the same answers. */
export class TokenCounts {
  readonly tokenizer: Tokenizer;
  readonly #counts = new Map<string, number>();

  constructor(tokenizer: Tokenizer) {
    this.tokenizer = tokenizer;
  }

  add(text: string): void {
    const { tokenizer } = this;
    for (const token of tokenize(text, { tokenizer })) this.#counts.set(token, this.countOf(token) + 1);
  }

  countOf(token: string): number {
    return this.#counts.get(token) ?? 0;
  }
}

export class SimilarTexts {
  readonly #threshold: number;
  readonly #counts: TokenCounts;
  readonly #known: string[][] = [];
  /** Indices of known texts, by the tokens that are among their rarest. */
  readonly #byToken = new Map<string, number[]>();

  constructor(threshold: number, counts: TokenCounts) {
    this.#threshold = threshold;
    this.#counts = counts;
  }

  /** False where a known text is as similar; otherwise the text is known from now on. */
  addIfNew(text: string): boolean {
    const tokens = tokenize(text, { tokenizer: this.#counts.tokenizer });
    const rarest = this.#rarestOf(tokens);
    const candidates = new Set(rarest.flatMap((token) => this.#byToken.get(token) ?? []));
    for (const index of candidates) if (this.#areSimilar(tokens, this.#known[index]!)) return false;
    for (const token of rarest) this.#remember(token, this.#known.length);
    this.#known.push(tokens);
    return true;
  }

  /** So many that a similar text has one of them among its own. Equal tokens are told apart by their number. */
  #rarestOf(tokens: readonly string[]): string[] {
    const seen = new Map<string, number>();
    const numbered = tokens.map((token) => {
      const number = seen.get(token) ?? 0;
      seen.set(token, number + 1);
      return { name: `${token} ${number}`, count: this.#counts.countOf(token) };
    });
    const inOrder = numbered.toSorted((a, b) => a.count - b.count || (a.name < b.name ? -1 : 1));
    // The shortest text that can be similar has t m / (2 - t) tokens, all of them in common.
    const fewestInCommon = Math.ceil((this.#threshold * tokens.length) / (2 - this.#threshold) - 1e-9);
    return inOrder.slice(0, tokens.length - fewestInCommon + 1).map(({ name }) => name);
  }

  #areSimilar(tokens: readonly string[], known: readonly string[]): boolean {
    // No common subsequence is longer than the shorter text.
    const shorter = Math.min(tokens.length, known.length);
    const most = (2 * shorter) / (tokens.length + known.length);
    return most >= this.#threshold - 1e-9 && rougeL(known, tokens).fmeasure >= this.#threshold;
  }

  #remember(token: string, index: number): void {
    const indices = this.#byToken.get(token);
    if (indices === undefined) this.#byToken.set(token, [index]);
    else indices.push(index);
  }
}
