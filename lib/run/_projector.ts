import { writeFileAtomically } from "lib/core/mod.ts";
import { tokenVectors } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { Corpus } from "lib/train/mod.ts";

/** The files that TensorBoard's Projector reads: the first names the other two. */
export const PROJECTOR_FILES = ["projector_config.pbtxt", "embeddings.tsv", "words.tsv"] as const;

/** Writes a model's token embeddings, with the words and their slots, for TensorBoard's Projector. */
export function writeProjector(folder: string, params: Params, corpus: Corpus): void {
  const [config, vectors, words] = PROJECTOR_FILES, slots = slotsOf(corpus);
  const { tokenizer } = corpus;
  // Four digits are more than the eye sees, and half the size.
  const rows = tokenVectors(params)
    .map((vector) => Array.from(vector, (value) => Number(value.toPrecision(4))).join("\t"));
  writeFileAtomically(`${folder}/${vectors}`, `${rows.join("\n")}\n`);
  const names = rows.map((_, id) => {
    const token = tokenizer.tokenOf(id);
    return `${token.replace(/\s/g, "_")}\t${slots.get(token) ?? "none"}`;
  });
  writeFileAtomically(`${folder}/${words}`, ["word\tslot", ...names, ""].join("\n"));
  const embedding = `  tensor_name: "tokenEmbedding.weight"
  tensor_path: "${vectors}"
  metadata_path: "${words}"
`;
  writeFileAtomically(`${folder}/${config}`, `embeddings {\n${embedding}}\n`);
}

/** The slot in which each word first comes up in the validation sentences. */
function slotsOf({ validationSentences, validation }: Corpus): Map<string, string> {
  const slots = new Map<string, string>();
  for (const [i, words] of validationSentences.entries()) {
    for (const [j, word] of words.entries()) {
      const slot = validation.references[i]?.slots[j];
      if (slot !== undefined && !slots.has(word)) slots.set(word, slot);
    }
  }
  return slots;
}
