/**
 * Mechanical mutants of the solutions that are no mistakes, and why: "exercise: what stood there → what
 * the mutant has" to the reason why both are the same function.
 *
 * @module
 */
export const SAME_FUNCTION: Readonly<Record<string, string>> = {
  "shuffle: ast = result.length - 1; ┆ last > 0 → last >= 0":
    "the first place is swapped with itself",
  'epochBatches:  Random(deriveSeed(seed, ┆ "order" → ""': "any label gives orders of its own",
  "epochBatches: ) => dataset.at(index)), ┆ { padId: 0 } → {}": "fill(undefined) writes 0",
  'plainLadder: const V = [ ┆ "<pad>" → ""': "only the number of tokens counts",
  'plainLadder: const V = ["<pad>", ┆ "<bos>" → ""': "only the number of tokens counts",
  'plainLadder: t V = ["<pad>", "<bos>", ┆ "<unk>" → ""': "only the number of tokens counts",
};
