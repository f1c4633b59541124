import { assertEquals } from "@std/assert";

Deno.test("the program of the explorer's page has the types of a browser", async () => {
  const folder = new URL("../../../lib/explore/page/", import.meta.url);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--config", "browser.json", "explorer.js"],
    cwd: folder,
    stdout: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
});
