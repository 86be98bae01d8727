import { expect, test } from "vitest";
import { parseCsv } from "./csv.ts";

test.each([
  [
    "id,rank\n1,2\n3,4\n",
    [
      { id: "1", rank: "2" },
      { id: "3", rank: "4" },
    ],
  ],
  ["id,rank\r\n1,2", [{ id: "1", rank: "2" }]],
  [' id , rank\n"a, ""b""\nc",2\n\n', [{ id: 'a, "b"\nc', rank: "2" }]],
  ["id,rank\n1\n,2\n", [{ id: "1" }, { id: "", rank: "2" }]],
  ["id,rank", []],
  ["", []],
])("%j", (text, records) => {
  expect(parseCsv(text)).toEqual(records);
});
