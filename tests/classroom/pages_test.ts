import {
  classPage,
  feedbackPage,
  type Grade,
  type ItemResult,
  picturesOf,
  similarSubmissions,
} from "lib/classroom/mod.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

const item = (change: Partial<ItemResult>): ItemResult => ({
  ...{ id: "f-test", exercise: "f", points: 0, most: 2, status: "wrong" },
  ...{ finding: "expected <b>1</b>, got `2`", mistake: "off by one", failsHidden: false },
  ...{ isCopy: false, text: "", hint: "Look at `last`.", seconds: 0 },
  ...change,
});
const grade = (
  student: string,
  items: readonly ItemResult[],
  change: Partial<Grade> = {},
): Grade => ({
  ...{
    student,
    notebook: "01_data",
    items,
    points: 1,
    most: 2,
    manual: 0,
    notes: [],
    attempts: [],
  },
  ...{ errors: [], pictures: [], seconds: 60, code: {} },
  ...change,
});

Deno.test("feedbackPage() says what failed, why, and the hint; a student's text is no HTML", () => {
  const written = item({
    id: "why",
    exercise: "",
    status: "manual",
    text: "<script>alert(1)</script>",
  });
  const page = feedbackPage("<anna>", [grade("<anna>", [item({}), written])]);
  assertMatch(page, /<h1>&lt;anna&gt;<\/h1>/);
  assertMatch(page, /Expected &lt;b&gt;1&lt;\/b&gt;, got <code>2<\/code>/);
  assertMatch(page, /Likely mistake:<\/b> off by one/);
  assertMatch(page, /<summary>Hint<\/summary><p>Look at <code>last<\/code>/);
  assertMatch(page, /&lt;script&gt;alert/);
  assertEquals(page.includes("<script"), false);
  assertMatch(page, /default-src 'none'; img-src data:/);
});

Deno.test("classPage() counts who passed and the commonest mistakes, and shows what is alike", () => {
  const code = Object.fromEntries(
    ["f", "g"].map((
      name,
    ) => [name, Array.from({ length: 40 }, (_, i) => `${name}${i * 7919}`).join("+")]),
  );
  const right = item({ status: "right", points: 2, finding: "", mistake: "" });
  const grades = [
    grade("anna", [right], { code }),
    grade("ben", [item({})], { code: { ...code, f: `${code.f}+1` } }),
    grade("cleo", [item({})], { attempts: ['cell "own" uses the network: fetch('] }),
    grade("dora", [item({ mistake: "" })]),
  ];
  const page = classPage(grades);
  assertMatch(page, /<code>f<\/code>.*25 %/);
  assertMatch(page, /2 × off by one/);
  assertMatch(page, /cell &quot;own&quot; uses the network/);
  const alike = page.slice(page.indexOf("code that is alike"));
  assertMatch(alike, /anna.*ben.*<code>g<\/code>/);
  assert(!/cleo|dora/.test(alike), "only the two");
});

Deno.test("similarSubmissions() leaves out what many have", () => {
  const code = { f: Array.from({ length: 60 }, (_, i) => `${i * 7919}`).join("+") };
  const grades = ["a", "b", "c", "d"].map((student) => grade(student, [], { code }));
  assertEquals(similarSubmissions(grades), []);
  assertEquals(similarSubmissions(grades.slice(0, 2)).map(({ share, same }) => [share, same]), [[
    1,
    ["f"],
  ]]);
});

Deno.test("picturesOf() takes one form of each picture, as an image in which nothing runs", () => {
  const outputs = [
    {
      output_type: "display_data",
      data: { "text/html": "<p><svg><script>1</script></svg>", "text/plain": "x" },
    },
    { output_type: "display_data", data: { "image/png": "AAAA\n", "image/svg+xml": ["<svg/>"] } },
    { output_type: "stream", text: "hello" },
  ];
  const urls = picturesOf("a", outputs).map(({ url }) => url.slice(0, 26));
  assertEquals(urls, ["data:image/svg+xml;base64,", "data:image/png;base64,AAAA"]);
});
