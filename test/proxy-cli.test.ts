/** `tuna train-proxy` and `tuna rank proxy` as processes: what a judge likes in some lists is found in others. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveModel } from "../src/model/index.ts";
import { randomStream } from "../src/random.ts";
import { tinyModel } from "./tiny-model.ts";
import { commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-proxy-cli-"));
afterAll(() => rmSync(root, { recursive: true }));
const at = (name: string): string => join(root, name);

interface Response {
  text: string;
  rank?: number;
  score?: number;
}

/** The more often a response says "ok", the better. */
function writeLists(name: string, number: number): void {
  const random = randomStream(name);
  const lists = Array.from({ length: number }, (_, id) => {
    const counts = random.shuffle([0, 1, 2, 3]);
    const responses = counts.map((count) => ({
      text: random
        .shuffle([...Array<string>(count).fill("ok"), ...Array<string>(4 - count).fill("no")])
        .join(" "),
      rank: 3 - count,
    }));
    return { id, instruction: `say ${random.integer(1000)}`, responses };
  });
  writeFileSync(at(name), lists.map((list) => `${JSON.stringify(list)}\n`).join(""));
}

const training = {
  model: at("model"),
  data: at("train.jsonl"),
  "batch-size": 16,
  lr: 0.02,
  epochs: 4,
  threads: 1,
  template: "none",
};

beforeAll(() => {
  saveModel(tinyModel({ config: { hidden_size: 32, architectures: ["LlamaForCausalLM"] } }), training.model);
  writeLists("train.jsonl", 160);
  writeLists("test.jsonl", 40);
});

describe.each(["plackett-luce", "pairwise"])("%s", { timeout: 120_000 }, (loss) => {
  const [prm, out] = [at(loss), at(`${loss}.jsonl`)];

  test("learns the order, and gives it to lists that it has not seen", async () => {
    const trained = await tuna(...commandLine("train-proxy", { ...training, loss, out: prm, json: true }));
    expect(trained).toMatchObject({ status: 0 });
    expect(JSON.parse(trained.stdout)).toMatchObject({ steps: 40, mleLoss: expect.closeTo(0) as number });
    const evaluation = [
      "eval",
      "ranking",
      "--model",
      prm,
      "--data",
      at("test.jsonl"),
      "--template",
      "none",
      "--json",
    ];
    const { pairAccuracy } = JSON.parse((await tuna(...evaluation)).stdout) as { pairAccuracy: number };
    expect(pairAccuracy).toBeGreaterThan(0.9);

    const ranking = [
      "rank",
      "proxy",
      "--data",
      at("test.jsonl"),
      "--model",
      prm,
      "--out",
      out,
      "--template",
      "none",
    ];
    const ranked = await tuna(...ranking);
    expect(ranked).toMatchObject({ status: 0 });
    const given = readLines<{ responses: Response[] }>(at("test.jsonl"));
    const pairs = readLines<{ responses: Response[]; ranking: object }>(out).flatMap(
      ({ responses, ranking: how }, list) => {
        expect(how).toEqual({ method: "proxy", model: prm });
        return responses.flatMap((a, i) =>
          responses.flatMap((b, j) => {
            const [rankA, rankB] = [i, j].map((index) => given[list]!.responses[index]!.rank!) as [
              number,
              number,
            ];
            if (rankA >= rankB) return [];
            expect(a.rank! < b.rank!).toBe(a.score! > b.score!);
            return [a.score! > b.score!];
          }),
        );
      },
    );
    expect(pairs).toHaveLength(240);
    expect(pairs.filter(Boolean).length / 240).toBeCloseTo(pairAccuracy, 12);
    expect((await tuna(...ranking)).stderr).toContain("already finished");
  });
});

test(
  "an adapter learns it too, and ranks as the model that it is merged into",
  { timeout: 120_000 },
  async () => {
    const prm = at("adapted");
    const lora = { "lora-rank": 8, lr: 0.05 };
    const trained = await tuna(...commandLine("train-proxy", { ...training, ...lora, out: prm, json: true }));
    expect(trained).toMatchObject({ status: 0 });
    const scores: (number | undefined)[][] = [];
    for (const model of [prm, join(prm, "adapter")]) {
      const out = `${model}.jsonl`;
      const flags = { data: at("test.jsonl"), model, out, template: "none" };
      expect(await tuna(...commandLine("rank proxy", flags))).toMatchObject({ status: 0 });
      scores.push(
        readLines<{ responses: Response[] }>(out).flatMap(({ responses }) =>
          responses.map(({ score }) => score),
        ),
      );
    }
    expect(scores[1]).toEqual(scores[0]!.map((score) => expect.closeTo(score!, 4) as number));
    const evaluation = { model: prm, data: at("test.jsonl"), template: "none", json: true } as const;
    const { stdout } = await tuna(...commandLine("eval ranking", evaluation));
    expect((JSON.parse(stdout) as { pairAccuracy: number }).pairAccuracy).toBeGreaterThan(0.8);
  },
);

test(
  "a language model ranks nothing, and a ranking model generates nothing",
  { timeout: 60_000 },
  async () => {
    const ranking = [
      "rank",
      "proxy",
      "--data",
      at("test.jsonl"),
      "--model",
      training.model,
      "--out",
      at("x.jsonl"),
    ];
    expect(await tuna(...ranking)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        "it has no score to rank by. Train a ranking model with tuna train-proxy",
      ) as string,
    });
    expect(await tuna("generate", "--model", at("pairwise"), "--prompt", "say")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("is a ranking model") as string,
    });
  },
);

test(
  "a prompt that fills the window leaves its list unranked, and is counted",
  { timeout: 60_000 },
  async () => {
    const lists = [
      {
        id: "long",
        instruction: "word ".repeat(80),
        responses: [{ text: "ok", rank: 0, score: 3 }, { text: "no" }],
      },
      { id: "short", instruction: "say", responses: [{ text: "no" }, { text: "ok ok ok" }] },
    ];
    writeFileSync(at("long.jsonl"), lists.map((list) => `${JSON.stringify(list)}\n`).join(""));
    const out = at("long-ranked.jsonl");
    const flags = { data: at("long.jsonl"), model: at("pairwise"), out, template: "none" };
    const ranked = await tuna(...commandLine("rank proxy", flags));
    expect(ranked).toMatchObject({ status: 0 });
    expect(ranked.stdout).toContain("1 ranked list; 1 prompt filled the window");
    const [long, short] = readLines<{ responses: Response[] }>(out);
    expect(long!.responses).toEqual([{ text: "ok" }, { text: "no" }]);
    expect(short!.responses.map(({ rank }) => rank)).toEqual([1, 0]);
  },
);
