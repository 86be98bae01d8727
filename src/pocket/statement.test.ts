import { describe, expect, it } from "vitest";
import { statementCheck, tellables } from "./statement.ts";

const statements = [
  { point: "kind", forms: ["A {animal} is a {kind}."] },
  { point: "home", forms: ["It lives {home}.", "A {animal} lives {home}."] },
  { point: "mood", forms: ["It feels {mood}."] },
];
const domains = {
  animal: ["cat", "owl"],
  kind: ["mammal", "bird"],
  home: ["in a house", "in the forest"],
  mood: ["good", "bad"],
};
const cat = { animal: "cat", kind: "mammal", home: "in a house" };
const owl = { animal: "owl", kind: "bird", home: "in the forest" };

describe("statementCheck", () => {
  const check = statementCheck(statements, domains);
  const verdicts = (text: string, ...truths: (typeof cat)[]): string[] =>
    check(text, truths).map(({ verdict }) => verdict);

  it("tells true, false and unknown sentences apart", () => {
    expect(verdicts("A cat is a mammal. It lives in the forest. It is nice.", cat)).toEqual([
      "true",
      "false",
      "unknown",
    ]);
  });

  it("takes values together: an owl has its own home, not the cat's", () => {
    expect(verdicts("An owl lives in the forest. An owl lives in a house.", cat, owl)).toEqual([
      "true",
      "false",
    ]);
  });

  it("accepts any value for a slot that no truth binds", () => {
    expect(verdicts("It feels bad.", cat)).toEqual(["true"]);
  });

  it("knows two wordings of the same thing", () => {
    const [one, two, other] = check(
      "It lives in a house. A cat lives in a house. An owl lives in the forest.",
      [cat, owl],
    );
    expect(one!.tells).toBe(two!.tells);
    expect(other!.tells).not.toBe(one!.tells);
  });
});

it("tellables are each thing once, with a free slot told once only", () => {
  const told = tellables(statements, [cat, owl]).map(
    ({ statement, truth }) => `${truth.animal} ${statement.point}`,
  );
  expect(told).toEqual(["cat kind", "cat home", "cat mood", "owl kind", "owl home"]);
});
