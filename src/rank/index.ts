/** From N responses to a ranked list: by the teacher's log-probabilities, or by a judge. */
export {
  type ContextualProgress,
  type ContextualRanking,
  type ContextualRankingOptions,
  type SetAsideList,
  rankContextually,
} from "./contextual.ts";
export { AGGREGATIONS, type AggregatedRank, type Aggregation, aggregateRanks } from "./aggregate.ts";
export { bradleyTerry } from "./bradley-terry.ts";
export { parseJudgement } from "./contextual-parse.ts";
export { type ContextualPromptOptions, contextualPrompt, isQuoted } from "./contextual-prompt.ts";
export type { Judgement, UnreadableJudgement } from "./judgement.ts";
export { couldBeMistaken } from "./quoting.ts";
export {
  type ContextualPromptStyle,
  JUDGE_OUTPUTS,
  type JudgeOutput,
  PROMPT_STYLES,
} from "./ranking-request.ts";
export { judgementSchema } from "./structured-judgement.ts";
export type { FailedVerdict, UsableVerdict, Verdict } from "./verdict.ts";
export { rankByProxy } from "./proxy.ts";
export { DEFAULT_LENGTH_PENALTY, probabilisticScore, rankProbabilistically } from "./probabilistic.ts";
