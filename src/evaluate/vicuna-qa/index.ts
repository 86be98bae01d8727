/** Vicuna QA: a judge compares two models' answers to 80 questions, or anyone's reviews are read. */
export { type Answers, answerOf, readAnswers } from "./answers.ts";
export { questionDetails, refuseAllFailed } from "./details.ts";
export { imitatesPrompt, readFastChatReviewer } from "./fastchat-reviewer.ts";
export { GRADINGS, type Grading, ORDERS, type Orders, shownAnswers } from "./grading.ts";
export { judgeAnswers } from "./judging.ts";
export { ownReviewer } from "./own-reviewer.ts";
export { type VicunaQuestion, modelQuestions, readQuestions } from "./questions.ts";
export { readReviewed } from "./read-reviewed.ts";
export { benchmarkResult } from "./result.ts";
export type { Review } from "./review.ts";
export { type ReviewedQuestion, withReviews } from "./reviewed.ts";
export type { Reviewer } from "./reviewer.ts";
export { writeReviews } from "./reviews-file.ts";
export { type VicunaQaSummary, summarize } from "./summary.ts";
export { promptsFile, questionsFile } from "./tables-folder.ts";
