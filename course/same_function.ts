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
  "initialValues: if ( ┆ /Norm\\.weight$/ → /Norm\\.weight/":
    "the names of no other parameters go on after these words",
  "initialValues: if ( ┆ /Embedding\\.weight$/ → /Embedding\\.weight/":
    "the names of no other parameters go on after these words",
  'initialValues: m(size, weightDeviation( ┆ "xavier" → ""':
    "all that is not he is xavier in the solution's own weightDeviation",
  "multiHeadAttention: if ( ┆ !queries || !keys || !values → false":
    "the line is for the compiler: a split in three gives three",
  "multiHeadAttention: if ( ┆ !queries || !keys || !values → (!queries || !keys) && !values":
    "the line is for the compiler: a split in three gives three",
  "multiHeadAttention: if ( ┆ !queries || !keys → false":
    "the line is for the compiler: a split in three gives three",
  "multiHeadAttention: if ( ┆ !queries || !keys → !queries && !keys":
    "the line is for the compiler: a split in three gives three",
  'forward: mbedding.weight").slice( ┆ [0, 0] → []': "a slice that begins nowhere begins at 0",
  "isCausal: row.every((logit, v) => ┆ Math.abs(logit - (before[t]?.[v] ?? NaN)) <= 1e-4 → Math.abs(logit - (before[t]?.[v] ?? NaN)) < 1e-4":
    "no float32 difference is 1e-4 to the last digit",
  "isCausal: v) => Math.abs(logit - ( ┆ before[t]?.[v] → before[t][v]":
    "each place before has its logits",
  "initialValues: [rows = ┆ 1 → 2": "the default is for the compiler: the axis is always there",
  "feedForward: const [B = ┆ 0 → 1": "the default is for the compiler: the axis is always there",
  "feedForward: const [B = 0, T = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "feedForward: const [B = 0, T = 0, C = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "attentionMask: const [B = ┆ 0 → 1": "the default is for the compiler: the axis is always there",
  "attentionMask: const [B = 0, T = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "attend:  queries.shape.at(-1) ?? ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "attend: .add(allowed.sub(1).mul( ┆ 1e9 → 1000000001": "both are far below every score",
  "splitHeads: const [B = ┆ 0 → 1": "the default is for the compiler: the axis is always there",
  "splitHeads: const [B = 0, T = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "splitHeads: const [B = 0, T = 0, C = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "joinHeads: const [B = ┆ 0 → 1": "the default is for the compiler: the axis is always there",
  "joinHeads: const [B = 0, H = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "joinHeads: const [B = 0, H = 0, T = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "joinHeads: B = 0, H = 0, T = 0, D = ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
  "forward: const [B = ┆ 0 → 1": "the default is for the compiler: the axis is always there",
  "forward: const [B = 0, T = ┆ 0 → 1": "the default is for the compiler: the axis is always there",
  "isCausal: s.with(place, id === 5 ? ┆ 6 → 7": "any other id will do",
  "batchLoss: onst ids = tokens.slice( ┆ [0, 0] → []": "a slice that begins nowhere begins at 0",
  "batchLoss: t = tokens.slice([0, 1], ┆ [B, length - 1] → []":
    "a slice without a size goes to the end",
  'isDecayed: return name.endsWith( ┆ ".weight" → ""':
    "every parameter with two axes is a weight: the biases have one",
  "mendedRun:  step: step + 1, cursor: ┆ micro.at(-1)?.next → micro.at(-1).next":
    "a step has a micro-batch at least",
  "evaluate: nfig, params, batch.ids, ┆ { mask: batch.mask } → {}":
    "the pads are at the end, and no place sees what comes after it",
  'checkpoints: metadata.get("plain") ?? ┆ "{}" → ""':
    "the line is for the compiler: save writes it",
  "trainWithPatience: t epoch = 0, bestEpoch = ┆ 0 → 1":
    "the first epoch is better than Infinity, and sets it",
  "keepTopK:  => probabilities[id] ?? ┆ 0 → 1": "the line is for the compiler: each id has one",
  "keepTopP:  => probabilities[id] ?? ┆ 0 → 1": "the line is for the compiler: each id has one",
  "keepTopP: if ( ┆ sum >= p - 1e-9 → sum > p - 1e-9":
    "no sum of probabilities is p - 1e-9 to the last digit",
  "keepTopP: if (sum >= p - ┆ 1e-9 → 2e-9":
    "both are far above what rounding does, and far below a probability",
  "attentionMassOf: mass += ┆ map[from]?.[place] → map[from][place]":
    "the line is for the compiler: a place up to `from` has its row",
  "attentionMassOf: += map[from]?.[place] ?? ┆ 0 → 1":
    "the line is for the compiler: a place up to `from` has its weight",
  'nearestWords:  own = vectors[index] ?? ┆ [] → ["Stryker was here"]':
    "the line is for the compiler: the word has its vector",
  "nearestWords: > sum + value * (b[i] ?? ┆ 0 → 1":
    "the line is for the compiler: all vectors have one length",
  "nearestWords: (a, b) => (cosines[b] ?? ┆ 0 → 1":
    "the line is for the compiler: each word has its cosine",
  "nearestWords: ] ?? 0) - (cosines[a] ?? ┆ 0 → 1":
    "the line is for the compiler: each word has its cosine",
  "verdictOf:  (isOver && (!isUnder || ┆ byHeart > train.gap → byHeart >= train.gap":
    "the text does not say which of two equal ones decides",
  "mendedStep: short = own.map((one) => ┆ norm > maxNorm → norm >= maxNorm":
    "a gradient just as long as maxNorm is multiplied by 1",
  "meanGradient: return ( ┆ first?.gradient → first.gradient": "there is one rank at least",
  'meanGradient: turn (first?.gradient ?? ┆ [] → ["Stryker was here"]':
    "there is one rank at least",
  "adjustByHolm: const adjusted = ┆ [...pValues] → []": "every place is written anew",
  "smoothedLoss: nt(), logits.shape[1] ?? ┆ 0 → 1":
    "the default is for the compiler: the axis is always there",
};
