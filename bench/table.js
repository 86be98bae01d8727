/** The figures as text. */

export function table(record) {
  const { machine, lengths, peakFlops, rouge, tokenize, growth } = record;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB; ${machine.date}`,
    lengths === "alpaca" ? "lengths of Alpaca's texts" : "lengths drawn, log-normal around Alpaca's medians",
    `matrix products at best ${(peakFlops / 1e9).toFixed(0)} GFLOP/s`,
    ...Object.entries(record.models).flatMap(([millions, figures]) => modelLines(millions, figures)),
    "",
    `ROUGE-L                  ${times(rouge.vsRougeScore)} rouge_score`,
    `tokenizing               ${times(tokenize.vsLibrary)} @huggingface/tokenizers alone, ${(tokenize.tokensPerSecond / 1e6).toFixed(2)} M tokens/s`,
  ];
  return [...lines, ...(growth === undefined ? [] : growthLines(growth))].join("\n");
}

function modelLines(millions, { train, trainLong, sample, score, answer }) {
  return [
    "",
    `Llama of ${millions} M parameters`,
    ...trainingLines("training", train),
    ...(trainLong === undefined ? [] : trainingLines("training on long lists", trainLong)),
    `sampling                 ${times(sample.vsTransformers)} transformers, ${times(sample.vsLlamaCpp)} llama.cpp (f32), ${times(sample.vsLlamaCppF16)} (f16)`,
    `  new tokens             ${sample.tokensPerSecond.toFixed(0)} tokens/s`,
    ...Object.entries(sample.weights).map(
      ([precision, { speed, vsTransformers, largestDifference }]) =>
        `  ${precision.padEnd(22)} ${times(speed)} float32, ${times(vsTransformers)} transformers, log-probabilities off by at most ${largestDifference.toFixed(3)}`,
    ),
    ...peerLines(sample),
    `scoring                  ${times(score.vsTransformers)} transformers`,
    ...peerLines(score),
    ...(answer === undefined
      ? []
      : [`answering 40 tasks       ${times(answer.vsOneByOne)} task by task`, ...peerLines(answer)]),
  ];
}

function trainingLines(title, train) {
  const { examples, meanPromptTokens, meanResponseTokens } = train.ours;
  return [
    `${title.padEnd(24)} ${times(train.vsReference)} the reference, ${times(train.vsBestPractice)} best practice`,
    `  ranked lists           ${examples}, on average prompts of ${meanPromptTokens.toFixed(0)} tokens and responses of ${meanResponseTokens.toFixed(0)}`,
    `  linear layers          ${percent(train.peakShare)} of the matrix-product rate; the whole step ${percent(train.peakShareOfStep)}`,
    `  packed                 ${train.tokensPerSecond.toFixed(0)} tokens/s (${train.expectedTokensPerSecond.toFixed(0)} expected), ${train.examplesPerSecond.toFixed(2)} ranked lists/s, ${times(train.vsPadded)} the padded layout, ${percent(train.savedTokenShare)} of its tokens saved`,
    `  activations again      ${train.activationCheckpointing.time.toFixed(2)} x the time, ${train.activationCheckpointing.memory.toFixed(2)} x the memory`,
    ...peerLines(train),
  ];
}

function peerLines({ ours, peers = {} }) {
  return Object.entries({ ours, ...peers }).map(([name, figures]) => {
    if (figures === null) return `  ${name.padEnd(22)} not to be had`;
    const { seconds, peakGigabytes, loss } = figures;
    const text = `  ${name.padEnd(22)} ${seconds.toFixed(2)} s, ${peakGigabytes.toFixed(2)} GB`;
    return loss === undefined ? text : `${text}, loss ${loss.toFixed(5)}`;
  });
}

function growthLines({ base, roofFlops, ...axes }) {
  const header = `How a training step grows, from ${JSON.stringify(base)}; roof ${(roofFlops / 1e9).toFixed(0)} GFLOP/s`;
  const rows = Object.entries(axes).flatMap(([axis, steps]) =>
    steps.map(
      ({ [axis]: value, seconds, roofSeconds, peakGigabytes }) =>
        `  ${axis.padEnd(10)}${String(value).padStart(5)}${seconds.toFixed(2).padStart(9)} s (roof ${roofSeconds.toFixed(2)})${peakGigabytes.toFixed(2).padStart(8)} GB`,
    ),
  );
  return ["", header, ...rows];
}

function times(value) {
  return typeof value === "number" ? `${value.toFixed(2)} x` : "- x";
}

function percent(share) {
  return `${(100 * share).toFixed(0)} %`;
}
