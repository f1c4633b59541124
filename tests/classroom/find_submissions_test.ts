import { findSubmissions, zipEntries } from "lib/classroom/mod.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { python } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const NOTEBOOKS = ["01_data", "02_model"];

function write(folder: string, ...paths: string[]): void {
  for (const path of paths) {
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, path);
  }
}

async function shown(root: string) {
  const { handedIn, strays, students } = await findSubmissions(root, NOTEBOOKS);
  const found = await Promise.all(
    handedIn.map(async ({ student, notebook, read }) =>
      `${student} ${notebook} ${new TextDecoder().decode(await read())}`
    ),
  );
  return { found, strays, students };
}

Deno.test("findSubmissions() takes a folder for each student, and flat names", async () => {
  const folder = temporaryFolder();
  write(folder, "anna/01_data.ipynb", "anna/02_model.ipynb", "ben_k_01_data.ipynb");
  write(folder, "cleo/01_data (2).ipynb", "dora/notes.txt", "graded/anna/01_data.ipynb", "x.pdf");
  assertEquals(await shown(folder), {
    found: [
      "anna 01_data anna/01_data.ipynb",
      "anna 02_model anna/02_model.ipynb",
      "ben_k 01_data ben_k_01_data.ipynb",
      "cleo 01_data cleo/01_data (2).ipynb",
    ],
    strays: ["dora/notes.txt", "x.pdf"].map((path) =>
      `${path}: no STUDENT/NN_name.ipynb, nor STUDENT_NN_name.ipynb`
    ),
    students: ["anna", "ben_k", "cleo", "dora"],
  });
});

Deno.test("findSubmissions() reads zip files as platforms export them, stored or deflated", async () => {
  const folder = temporaryFolder();
  python(new URL("write_zip.py", import.meta.url), [`${folder}/export.zip`]);
  const { found, students } = await shown(`${folder}/export.zip`);
  assertEquals(found, [`anna 01_data ${"a".repeat(10000)}`, "ben 01_data b"]);
  assertEquals(students, ["anna", "ben"]);
  const [first] = zipEntries(Deno.readFileSync(`${folder}/export.zip`));
  assertEquals(first?.name, "class/anna/01_data.ipynb");
  Deno.writeTextFileSync(`${folder}/broken.zip`, "PK no");
  await assertRejects(() => shown(`${folder}/broken.zip`), SyntaxError, "expected a zip file");
});
