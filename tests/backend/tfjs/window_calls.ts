import * as tf from "@tensorflow/tfjs";
import { call, f, type KernelCall } from "./kernel_call.ts";

/** How convolutions and pools are called: what they look at, how far apart, with what border. */
const valid = { strides: 1, pad: "valid", dataFormat: "NHWC", dilations: 1 };
const same = { ...valid, strides: 2, pad: "same" };
const valid3 = { ...valid, dataFormat: "NDHWC" };
const twice = { filterSize: 2, strides: 2, pad: "valid", dataFormat: "NHWC" };
const twice3 = { ...twice, dataFormat: "NDHWC" };
const fused = { ...valid, activation: "relu" };
const filterShape = [2, 2, 1, 3], inputShape = [1, 3, 3, 1];
const filterShape3 = [2, 2, 2, 1, 3], inputShape3 = [1, 3, 3, 3, 1];
/** Calls of the kernels that move a window over their input. */
export const WINDOW_CALLS: KernelCall[] = [
  ...[valid, same].map((how) =>
    call("Conv2D", { x: f(1, 3, 3, 1), filter: f(...filterShape) }, how)
  ),
  call("Conv2DBackpropFilter", { x: f(...inputShape), dy: f(1, 2, 2, 3) }, {
    ...valid,
    filterShape,
  }),
  call("Conv2DBackpropInput", { dy: f(1, 2, 2, 3), filter: f(...filterShape) }, {
    ...valid,
    inputShape,
  }),
  call("Conv3D", { x: f(...inputShape3), filter: f(...filterShape3) }, valid3),
  call("Conv3DBackpropFilterV2", { x: f(...inputShape3), dy: f(1, 2, 2, 2, 3) }, {
    ...valid3,
    filterShape: filterShape3,
  }),
  call("Conv3DBackpropInputV2", { dy: f(1, 2, 2, 2, 3), filter: f(...filterShape3) }, {
    ...valid3,
    inputShape: inputShape3,
  }),
  call("DepthwiseConv2dNative", { x: f(1, 3, 3, 2), filter: f(2, 2, 2, 1) }, valid),
  call("DepthwiseConv2dNativeBackpropFilter", { x: f(1, 3, 3, 2), dy: f(1, 2, 2, 2) }, {
    ...valid,
    filterShape: [2, 2, 2, 1],
  }),
  call("DepthwiseConv2dNativeBackpropInput", { dy: f(1, 2, 2, 2), filter: f(2, 2, 2, 1) }, {
    ...valid,
    inputShape: [1, 3, 3, 2],
  }),
  call("FusedConv2D", { x: f(1, 3, 3, 1), filter: f(...filterShape), bias: f(3) }, fused),
  call("FusedDepthwiseConv2D", { x: f(1, 3, 3, 2), filter: f(2, 2, 2, 1), bias: f(2) }, fused),
  call("Dilation2D", { x: f(1, 3, 3, 2), filter: f(2, 2, 2) }, valid),
  call(
    "Dilation2DBackpropFilter",
    { x: f(1, 3, 3, 2), filter: f(2, 2, 2), dy: f(1, 2, 2, 2) },
    valid,
  ),
  call(
    "Dilation2DBackpropInput",
    { x: f(1, 3, 3, 2), filter: f(2, 2, 2), dy: f(1, 2, 2, 2) },
    valid,
  ),
  ...["AvgPool", "MaxPool"].map((kernel) => call(kernel, { x: f(1, 4, 4, 2) }, twice)),
  ...["AvgPool3D", "MaxPool3D"].map((kernel) => call(kernel, { x: f(1, 4, 4, 4, 1) }, twice3)),
  call("AvgPoolGrad", { dy: f(1, 2, 2, 2), input: f(1, 4, 4, 2) }, twice),
  call("AvgPool3DGrad", { dy: f(1, 2, 2, 2, 1), input: f(1, 4, 4, 4, 1) }, twice3),
  call("MaxPoolGrad", {
    dy: f(1, 2, 2, 1),
    input: f(1, 4, 4, 1),
    output: () => tf.tidy(() => tf.maxPool(f(1, 4, 4, 1)() as tf.Tensor4D, 2, 2, "valid")),
  }, twice),
  call("MaxPool3DGrad", {
    dy: f(1, 1, 1, 1, 1),
    input: f(1, 2, 2, 2, 1),
    output: () => tf.tidy(() => tf.maxPool3d(f(1, 2, 2, 2, 1)() as tf.Tensor5D, 2, 2, "valid")),
  }, twice3),
];

/** The same with nothing to compute: a window larger than the input, no rows, no channels. */
export const EMPTY_WINDOW_CALLS: KernelCall[] = [
  call("Conv2D", { x: f(1, 1, 1, 2), filter: f(2, 2, 2, 1) }, valid),
  call("Conv2D", { x: f(0, 3, 3, 1), filter: f(...filterShape) }, valid),
  call("Conv2D", { x: f(1, 3, 3, 1), filter: f(2, 2, 1, 0) }, valid),
  call("Conv2D", { x: f(1, 3, 3, 0), filter: f(2, 2, 0, 3) }, valid),
  call("Conv2DBackpropFilter", { x: f(1, 1, 1, 1), dy: f(1, 0, 0, 3) }, { ...valid, filterShape }),
  call("Conv2DBackpropFilter", { x: f(0, 3, 3, 1), dy: f(0, 2, 2, 3) }, { ...valid, filterShape }),
  call("Conv2DBackpropInput", { dy: f(1, 0, 0, 3), filter: f(...filterShape) }, {
    ...valid,
    inputShape: [1, 1, 1, 1],
  }),
  call("Conv3D", { x: f(1, 1, 1, 1, 1), filter: f(...filterShape3) }, valid3),
  call("Conv3D", { x: f(0, 3, 3, 3, 1), filter: f(...filterShape3) }, valid3),
  call("Conv3DBackpropFilterV2", { x: f(1, 1, 1, 1, 1), dy: f(1, 0, 0, 0, 3) }, {
    ...valid3,
    filterShape: filterShape3,
  }),
  call("Conv3DBackpropInputV2", { dy: f(1, 0, 0, 0, 3), filter: f(...filterShape3) }, {
    ...valid3,
    inputShape: [1, 1, 1, 1, 1],
  }),
  call("DepthwiseConv2dNative", { x: f(1, 1, 1, 2), filter: f(2, 2, 2, 1) }, valid),
  call("DepthwiseConv2dNative", { x: f(0, 3, 3, 2), filter: f(2, 2, 2, 1) }, valid),
  call("DepthwiseConv2dNativeBackpropFilter", { x: f(1, 1, 1, 2), dy: f(1, 0, 0, 2) }, {
    ...valid,
    filterShape: [2, 2, 2, 1],
  }),
  call("DepthwiseConv2dNativeBackpropInput", { dy: f(1, 0, 0, 2), filter: f(2, 2, 2, 1) }, {
    ...valid,
    inputShape: [1, 1, 1, 2],
  }),
  call("FusedConv2D", { x: f(1, 1, 1, 1), filter: f(...filterShape), bias: f(3) }, fused),
  call("FusedDepthwiseConv2D", { x: f(1, 1, 1, 2), filter: f(2, 2, 2, 1), bias: f(2) }, fused),
  call("Dilation2D", { x: f(1, 1, 1, 2), filter: f(2, 2, 2) }, valid),
  ...["AvgPool", "MaxPool"].flatMap((kernel) => [
    call(kernel, { x: f(1, 1, 1, 2) }, twice),
    call(kernel, { x: f(0, 4, 4, 2) }, twice),
  ]),
  ...["AvgPool3D", "MaxPool3D"].map((kernel) => call(kernel, { x: f(1, 1, 1, 1, 1) }, twice3)),
  call("AvgPoolGrad", { dy: f(1, 0, 0, 2), input: f(1, 1, 1, 2) }, twice),
  call("MaxPoolGrad", { dy: f(1, 0, 0, 1), input: f(1, 1, 1, 1), output: f(1, 0, 0, 1) }, twice),
];
