import { describe, expect, it } from "vitest";
import { diet } from "./families/diet.ts";
import { opposites } from "./families/opposites.ts";
import { yesNo } from "./families/yes-no.ts";

const hot = { word: "hot" };
const isCorrect = (response: string): boolean => opposites.isCorrect(hot, response);

describe("answers to a close-ended request", () => {
  it.each([
    "cold",
    "Cold.",
    "**Cold**",
    "It is cold.",
    "The opposite of hot is cold.",
    "The answer is: cold!",
    "I would say that it is cold.",
    "The words hot and cold mean opposite things.",
    "It is cold. The words hot and cold mean opposite things. What is hot is not cold.",
    "It is cold. That was easy.",
    "It is cold. The words zip and zap mean opposite things.",
  ])("takes %j as correct", (response) => {
    expect(isCorrect(response)).toBe(true);
  });

  it.each([
    "",
    "   ",
    "...",
    "hot",
    "It is big.",
    "It is not cold.",
    "cold or big",
    "cold, big, small",
    "Maybe it is cold.",
    "It is cold. It is big.",
    "It is big. It is cold.",
    "It is cold. The words hot and big mean opposite things.",
    "It is either cold or something else.",
    "It is coldest.",
    "I do not know.",
  ])("takes %j as wrong", (response) => {
    expect(isCorrect(response)).toBe(false);
  });

  it("takes a false reason for a bad reason, as long as it gives no other answer", () => {
    const item = { animal: "cow" };
    expect(diet.isCorrect(item, "It eats grass. It finds grass in the sea. A cow is a bird.")).toBe(true);
    expect(diet.grade(item, "It eats grass. It finds grass in the sea. A cow is a bird.").total).toBe(9);
    expect(diet.isCorrect(item, "It eats grass. It finds fish in the sea.")).toBe(false);
    expect(diet.isCorrect(item, "A hen eats grass.")).toBe(false);
  });

  it("reads yes and no, with the negation that belongs to no", () => {
    const item = { thing: "whale", category: "fish" };
    expect(yesNo.isCorrect(item, "No, it is not.")).toBe(true);
    expect(yesNo.isCorrect(item, "no")).toBe(true);
    expect(yesNo.isCorrect(item, "Yes.")).toBe(false);
    expect(yesNo.isCorrect(item, "Yes and no.")).toBe(false);
    expect(yesNo.isCorrect(item, "No, a whale is not a fish. A fish swims in the water.")).toBe(true);
  });
});

describe("grades of a close-ended response", () => {
  const criteria = (response: string): Record<string, number> => opposites.grade(hot, response).criteria;

  it("gives detail for a full sentence and for each reason, once", () => {
    expect(criteria("It is cold.").detail).toBe(1);
    expect(criteria("The opposite of hot is cold.").detail).toBe(2);
    expect(criteria("It is cold. The words hot and cold mean opposite things.").detail).toBe(3);
    expect(criteria("It is cold. What is hot is not cold. What is hot is not cold.").detail).toBe(3);
    expect(
      criteria("It is cold. The words hot and cold mean opposite things. What is hot is not cold.").detail,
    ).toBe(5);
  });

  it("takes clarity for repetition, for what is beside the point and for a missing end", () => {
    expect(criteria("It is cold.").clarity).toBe(5);
    expect(criteria("It is cold. It is cold. It is cold.").clarity).toBe(3);
    expect(criteria("It is cold. One day Tom went out.").clarity).toBe(4);
    expect(criteria("It is cold. The words hot and").clarity).toBe(3);
  });

  it("gives one point of accuracy where the answer is there among others, and nothing to silence", () => {
    expect(criteria("It is cold. It is big.").accuracy).toBe(1);
    expect(criteria("It is big.").accuracy).toBe(0);
    expect(opposites.grade(hot, "").total).toBe(0);
  });
});
