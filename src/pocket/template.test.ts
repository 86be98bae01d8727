import { describe, expect, it } from "vitest";
import { fill, fillings, slotNames, templateReader } from "./template.ts";

const domains = {
  thing: ["apple", "dog", "dog house"],
  list: { listOf: ["dog", "apple", "drum"] },
  name: ["Anna", "Tom"],
};

describe("fill", () => {
  it("fits the article to the word", () => {
    expect(fill("Is a {thing} a {kind}?", { thing: "apple", kind: "fruit" })).toBe("Is an apple a fruit?");
    expect(fill("A {thing}.", { thing: "apple" })).toBe("An apple.");
  });

  it("refuses a slot without a value", () => {
    expect(() => fill("A {thing}.", {})).toThrow(/internal: .*\{thing\}/);
  });
});

describe("templateReader", () => {
  it("reads back what was filled in, whichever the article", () => {
    const read = templateReader("I see a {thing}.", domains);
    expect(read("I see an apple.")).toEqual({ thing: "apple" });
    expect(read("I see a apple.")).toEqual({ thing: "apple" });
    expect(read("I see a dog house.")).toEqual({ thing: "dog house" });
  });

  it("reads any letter case and gives the spelling of the domain", () => {
    expect(templateReader("Dear {name}", domains)("dear ANNA")).toEqual({ name: "Anna" });
  });

  it("reads lists", () => {
    const read = templateReader("Words: {list}", domains);
    expect(read("Words: drum, Dog, apple")).toEqual({ list: "drum, dog, apple" });
    expect(read("Words: drum, cat")).toBeUndefined();
  });

  it("refuses other words, other texts and a slot that reads two ways", () => {
    const read = templateReader("{name} and {name}.", domains);
    expect(read("Tom and Tom.")).toEqual({ name: "Tom" });
    expect(read("Tom and Anna.")).toBeUndefined();
    expect(read("Tom and Ben.")).toBeUndefined();
    expect(read("Oh, Tom and Tom.")).toBeUndefined();
  });

  it("takes the marks of a template literally", () => {
    expect(templateReader("Why (really)?", domains)("Why (really)?")).toEqual({});
    expect(templateReader("Why?", domains)("Wh")).toBeUndefined();
  });
});

it("fillings show every value of every slot", () => {
  const texts = fillings("{name} has a {thing}.", domains).join(" ");
  for (const word of ["Anna", "Tom", "an apple", "a dog.", "a dog house"]) expect(texts).toContain(word);
  expect(fillings("Words: {list}", domains)).toContain("Words: drum, drum");
});

it("slotNames lists the gaps in order", () => {
  expect(slotNames("{a} and {b} and {a}")).toEqual(["a", "b", "a"]);
});
