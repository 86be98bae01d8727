/** What the crowd wrongly believes: the same mistake about a fact wherever the fact is asked for, whatever the seed. */
import { randomStream } from "../random.ts";
import { CROWD_MISTAKE_SHARE } from "./quality.ts";

/** The one wrong value that the crowd shares about a fact, or undefined where the crowd knows it. */
export function crowdMistake(topic: string, subject: string, wrongValues: readonly string[]): string | undefined {
  const stream = randomStream("pocket crowd", topic, subject);
  return stream.float() < CROWD_MISTAKE_SHARE ? stream.pick(wrongValues) : undefined;
}
