/** `tuna data get`: the data of a benchmark, downloaded into a cache. */
import { z } from "zod";
import { proxiedFetch } from "../../llm/index.ts";
import { downloadBenchmark } from "../../recipe/benchmark-cache.ts";
import { BENCHMARK_NAMES, BENCHMARK_SOURCES } from "../../recipe/benchmark-sources.ts";
import { countOf } from "../../text/count-of.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "data get",
  summary: "Download the data of a benchmark, which tuna eval finds from then on.",
  examples: ["tuna data get lmentry", "TUNA_CACHE=/data/benchmarks tuna data get super-ni"],
  options: z.strictObject({
    name: z
      .enum(BENCHMARK_NAMES)
      .meta({ placeholder: "NAME" })
      .describe(
        "lmentry, super-ni (119 test tasks) or vicuna-qa, from GitHub at one commit, into TUNA_CACHE or ~/.cache/tuna/benchmarks.",
      ),
  }),
  positionals: ["name"],
  async run({ name }, io) {
    const source = BENCHMARK_SOURCES[name];
    const { repository, commit, licence, notes } = source;
    const download = await downloadBenchmark(name, source, {
      env: process.env,
      fetch: proxiedFetch(process.env),
      reporter: io,
    });
    const { folder, downloaded, kept } = download;
    for (const note of [`Licence: ${licence}.`, ...notes]) io.say(note);
    io.result(
      { name, repository, commit, licence, notes, ...download },
      `${folder}\n${countOf(downloaded, "file")} downloaded, ${kept} already there, from ${repository}@${commit.slice(0, 8)}`,
    );
  },
});
