/** How cost grows, as Markdown. */

/** In the order of tables and panels. */
export const AXES = [
  { axis: "examples", title: "Examples" },
  { axis: "length", title: "Length, tokens" },
  { axis: "count", title: "Responses, N" },
  { axis: "millions", title: "Parameters, M" },
];

export function growthTables({ growth, machine }) {
  const { millions, examples, count, length } = growth.base;
  const intro =
    `${machine.date}, ${machine.cores} cores (${machine.cpu}). One optimizer step over ranked lists, from ${millions} M parameters, ` +
    `${examples} examples, N = ${count}, and ${length} tokens in the prompt and in each response. Roofline: the linear layers at ` +
    `${(growth.roofFlops / 1e9).toFixed(0)} GFLOP/s, the measured matrix-product rate.`;
  return [intro, ...AXES.map((axis) => axisTable(growth[axis.axis], axis))].join("\n\n");
}

function axisTable(rows, { axis, title }) {
  const lines = rows.map((row) => {
    const { seconds, roofSeconds, tokens, peakGigabytes } = row;
    const share = `${((100 * roofSeconds) / seconds).toFixed(0)} %`;
    const cells = [
      row[axis],
      tokens,
      seconds.toFixed(2),
      roofSeconds.toFixed(2),
      share,
      peakGigabytes.toFixed(2),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    `| ${title} | tokens | seconds | roofline | share | peak GB |`,
    "|--:|--:|--:|--:|--:|--:|",
    ...lines,
  ].join("\n");
}
