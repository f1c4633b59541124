/**
 * The tests that `@tensorflow/tfjs-node-gpu` ships for its own parts, beside those of
 * `@tensorflow/tfjs-core`, by file under its `dist/`. (Its sources under `src/` come without tests.)
 */

/** Those that a binding can be measured by. */
export const APPLICABLE: readonly string[] = [
  "canvas_test.js",
  "image_test.js",
  "int64_tensors_test.js",
  "nodejs_kernel_backend_test.js",
  "tensorboard_test.js",
  "tfjs_binding_test.js",
];

/** The others, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "callbacks_test.js": "draws progress bars: touches no backend",
  "index_test.js": "tests the index that loads the native add-on, which we do not use",
  "io/file_system_test.js": "stores models in files: touches no backend",
  "io/io_utils_test.js": "packs buffers: touches no backend",
  "io/node_http_test.js": "fetches models over the network: touches no backend",
  "saved_model_test.js": "reads saved models that the package does not ship, and we refuse them",
};

/** Groups of tests in the applicable files that cannot run, by the start of their full names. */
export const LEFT_OUT_GROUPS: Readonly<Record<string, string>> = {
  "decode images": "reads pictures that the package does not ship",
};
