/** From N responses to a ranked list: by the teacher's log-probabilities, or by a judge. */
export {
  type ContextualProgress,
  type ContextualRanking,
  type ContextualRankingOptions,
  type SetAsideList,
  rankContextually,
} from "./contextual.ts";
export { type Judgement, type UnreadableJudgement, parseJudgement } from "./contextual-parse.ts";
export {
  type ContextualPromptOptions,
  type ContextualPromptStyle,
  contextualPrompt,
} from "./contextual-prompt.ts";
export { rankByProxy } from "./proxy.ts";
export { DEFAULT_LENGTH_PENALTY, probabilisticScore, rankProbabilistically } from "./probabilistic.ts";
