/** TensorFlow's kernels on a processor: its own, or oneDNN's where that has some. */
export type KernelSet = "plain" | "onednn";

const EVERYWHERE: Readonly<Record<string, string>> = {
  "tensorboard SummaryFileWriter.histogram Create summaryFileWriter and write tensor":
    "tfjs-node's own histogram concatenates scalars, which TensorFlow 2.21 refuses",
  "tensorBoard callback fit(): histogramFreq 2, with validation":
    "tfjs-node's own histogram concatenates scalars, which TensorFlow 2.21 refuses",
};

/**
 * The shipped tests that do not pass, by full name, each with the reason. A test listed here that
 * passes is an error, and so is one that fails without being listed.
 */
export const KNOWN_FAILURES: Readonly<Record<KernelSet, Readonly<Record<string, string>>>> = {
  plain: {
    ...EVERYWHERE,
    "depthwiseConv2d gradients test-tensorflow {} throws error on dilations > 1":
      "TensorFlow's CPU kernel refuses the dilation already in the forward pass, in other words than the test's",
  },
  onednn: {
    ...EVERYWHERE,
    "conv3d dilations CPU should throw error on dilations >1":
      "oneDNN's kernel computes what TensorFlow's own refuses, and the test wants the refusal",
  },
};
