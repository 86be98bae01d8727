/** The task families of the pocket world: those that its training rows come from, and two that it never trains on. */
import { addition } from "./families/addition.ts";
import { calendar } from "./families/calendar.ts";
import { category } from "./families/category.ts";
import { compareNumbers } from "./families/compare-numbers.ts";
import { countItems } from "./families/count-items.ts";
import { describeAnimal } from "./families/describe-animal.ts";
import { diet } from "./families/diet.ts";

import { explainWhy } from "./families/explain-why.ts";
import { home } from "./families/home.ts";
import { invitation } from "./families/invitation.ts";
import { opposites } from "./families/opposites.ts";
import { pickItem } from "./families/pick-item.ts";
import { reading } from "./families/reading.ts";
import { recommend } from "./families/recommend.ts";
import { story } from "./families/story.ts";
import { thankYou } from "./families/thank-you.ts";
import { tips } from "./families/tips.ts";
import { twoAnimals } from "./families/two-animals.ts";
import { whichEats } from "./families/which-eats.ts";
import { yesNo } from "./families/yes-no.ts";
import type { Family } from "./family.ts";

const CLOSED_FAMILIES: readonly Family[] = [
  opposites,
  category,
  yesNo,
  diet,
  home,
  calendar,
  compareNumbers,
  addition,
];
const CLOSED_FAMILIES_WITH_INPUT: readonly Family[] = [countItems, pickItem, reading];
const OPEN_FAMILIES: readonly Family[] = [
  describeAnimal,
  tips,
  explainWhy,
  recommend,
  story,
  thankYou,
  invitation,
];

export const TRAINED_FAMILIES: readonly Family[] = [
  ...CLOSED_FAMILIES,
  ...CLOSED_FAMILIES_WITH_INPUT,
  ...OPEN_FAMILIES,
];

/** Requests for what the trained families teach, in a form that none of them uses. */
export const HELD_OUT_FAMILIES: readonly Family[] = [whichEats, twoAnimals];

export const FAMILIES: readonly Family[] = [...TRAINED_FAMILIES, ...HELD_OUT_FAMILIES];
