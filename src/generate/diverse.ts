/**
 * ROUGE-L-diverse sampling: N responses to each prompt, no two of which may be too similar (the Tuna paper's
 * contextual ranking). Knows no model: a `draw` function makes the responses. It takes a batch of prompts, so that one
 * call of `draw` serves every prompt that still lacks responses.
 */
import { InternalError, UserError } from "../errors.ts";
import { tokenize, type Tokenizer } from "../text/tokenize.ts";
import {
  selectGroup,
  selectResponses,
  pairwiseRouge,
  type Candidate,
  type Sample,
  type Selection,
} from "./diverse-selection.ts";

export interface Prompt {
  key: string;
  prompt: string;
}

export interface DrawRequest extends Prompt {
  /** How many responses to draw. */
  count: number;
  temperature: number;
  /** Counts from 1. With the key it names the random stream to draw from. */
  trial: number;
}

/** Answers request k with exactly `requests[k].count` responses, and may tell how many requests are answered so far. */
export type Draw<S extends Sample> = (
  requests: readonly DrawRequest[],
  onProgress: (done: number) => void,
) => Promise<readonly (readonly S[])[]>;

export interface DiverseOptions<S extends Sample> {
  draw: Draw<S>;
  /** N, the responses kept for a prompt. Default 4. */
  count?: number;
  /** The temperature of the first trial. Default 1. */
  temperature?: number;
  /** What each further trial adds to the temperature. Default 0.1. */
  temperatureIncrement?: number;
  /** τ: two responses whose ROUGE-L F (0 to 1) reaches it are too similar. Without it nothing is drawn twice. */
  rougeThreshold?: number | undefined;
  /**
   * What a failed trial draws again: the similar responses alone (`response`, the paper's way and the default) or all
   * N of the prompt (`group`, the way of the authors' code).
   */
  resample?: "response" | "group" | undefined;
  /** Trials in all, the first included. Default 3. */
  maxTrials?: number | undefined;
  /** How ROUGE-L finds words. The default, `ascii`, finds none in most scripts other than Latin. */
  tokenizer?: Tokenizer | undefined;
  onProgress?: ((progress: TrialProgress) => void) | undefined;
}

export interface TrialProgress {
  /** Counts from 1. */
  trial: number;
  /** Of the prompts that this trial draws for, how many have their responses. */
  done: number;
  total: number;
}

export interface DiverseSamples<S extends Sample> {
  key: string;
  samples: S[];
  record: DiversityRecord;
}

/** How the samples of one prompt came about. */
export interface DiversityRecord {
  trials: number;
  /** The highest and the mean ROUGE-L F of two kept responses; 0 where there is but one. */
  maxRouge: number;
  meanRouge: number;
  /** Whether every pair of kept responses is below the threshold. */
  accepted: boolean;
  /** The temperature at which each kept response was drawn. */
  temperatures: number[];
}

/** The samples of each prompt, in the order of the prompts. */
export async function sampleDiverse<S extends Sample>(
  prompts: readonly Prompt[],
  options: DiverseOptions<S>,
): Promise<DiverseSamples<S>[]> {
  checkOptions(options);
  const searches = prompts.map((prompt) => startSearch(prompt, options));
  for (let trial = 1; trial <= (options.maxTrials ?? 3); trial++) {
    const open = searches.filter(({ selection }) => selection.missing() > 0);
    if (open.length === 0) break;
    await runTrial(open, trial, options);
  }
  return searches.map((search) => finish(search, options.rougeThreshold));
}

function checkOptions({ count = 4, maxTrials = 3, rougeThreshold }: DiverseOptions<Sample>): void {
  for (const [name, value] of Object.entries({ count, maxTrials })) {
    if (!Number.isInteger(value) || value < 1) {
      const message = `sampling: ${name} must be a whole number from 1 up, but is ${value}`;
      throw new UserError(message, { code: "sampling-option", facts: { [name]: value } });
    }
  }
  if (rougeThreshold !== undefined && !(rougeThreshold > 0 && rougeThreshold <= 1)) {
    const message = `sampling: the ROUGE-L threshold must be above 0 and at most 1, but is ${rougeThreshold}; leave it out to accept every response`;
    throw new UserError(message, { code: "sampling-option", facts: { rougeThreshold } });
  }
}

interface Search<S extends Sample> {
  prompt: Prompt;
  selection: Selection<S>;
  trials: number;
}

function startSearch<S extends Sample>(prompt: Prompt, options: DiverseOptions<S>): Search<S> {
  const { count = 4, rougeThreshold = Infinity, resample = "response" } = options;
  const select = resample === "group" ? selectGroup : selectResponses;
  return { prompt, selection: select<S>(count, rougeThreshold), trials: 0 };
}

async function runTrial<S extends Sample>(
  searches: readonly Search<S>[],
  trial: number,
  options: DiverseOptions<S>,
): Promise<void> {
  const temperature = temperatureOf(trial, options);
  const requests = searches.map(({ prompt: { key, prompt }, selection }) => {
    return { key, prompt, count: selection.missing(), temperature, trial };
  });
  const drawn = await drawAll(requests, options.draw, (done) =>
    options.onProgress?.({ trial, done, total: requests.length }),
  );
  for (const [index, search] of searches.entries()) {
    const candidates = drawn[index]!.map((sample) => {
      return {
        sample,
        temperature,
        tokens: tokenize(sample.text, { tokenizer: options.tokenizer ?? "ascii" }),
      };
    });
    search.selection.offer(candidates);
    search.trials = trial;
  }
}

function temperatureOf<S extends Sample>(trial: number, options: DiverseOptions<S>): number {
  const { temperature = 1, temperatureIncrement = 0.1 } = options;
  // In binary 0.7 + 2 * 0.1 is not 0.9; the record should read as the user counts.
  return Number((temperature + (trial - 1) * temperatureIncrement).toFixed(6));
}

async function drawAll<S extends Sample>(
  requests: readonly DrawRequest[],
  draw: Draw<S>,
  onProgress: (done: number) => void,
): Promise<readonly (readonly S[])[]> {
  const drawn = await draw(requests, onProgress);
  for (const [index, { key, count }] of requests.entries()) {
    const got = drawn[index]?.length ?? 0;
    if (got === count) continue;
    const message = `sampling: ${count} responses were asked for prompt ${key}, but ${got} were drawn`;
    throw new InternalError(message, { code: "sampling-count", facts: { key, count, got } });
  }
  return drawn;
}

function finish<S extends Sample>(search: Search<S>, threshold = Infinity): DiverseSamples<S> {
  const kept: Candidate<S>[] = search.selection.kept();
  const rouge = pairwiseRouge(kept.map(({ tokens }) => tokens));
  const maxRouge = Math.max(0, ...rouge);
  const record = {
    trials: search.trials,
    maxRouge,
    meanRouge: rouge.length === 0 ? 0 : rouge.reduce((sum, value) => sum + value, 0) / rouge.length,
    accepted: maxRouge < threshold,
    temperatures: kept.map(({ temperature }) => temperature),
  };
  return { key: search.prompt.key, samples: kept.map(({ sample }) => sample), record };
}
