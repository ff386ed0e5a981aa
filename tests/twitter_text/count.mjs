// One text a line in, as JSON; its weighted length and validity out, as X's own library sees them.
import { createInterface } from "node:readline";
import twitter from "twitter-text";

for await (const line of createInterface({ input: process.stdin })) {
  const { weightedLength, valid } = twitter.parseTweet(JSON.parse(line));
  process.stdout.write(`${JSON.stringify([weightedLength, valid])}\n`);
}
