import type * as tfjs from "@tensorflow/tfjs";

/** The shapes of a kernel's inputs, by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Computes the shape of a kernel's output from the shapes of its inputs and its attributes. */
export type OutputShape = (
  tf: typeof tfjs,
  shapes: Shapes,
  attributes: tfjs.NamedAttrMap | undefined,
) => readonly number[];

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

/** How a window moves; a number here may also be a list with one number per axis. */
interface Window {
  readonly filterSize: number;
  readonly strides: number;
  readonly dilations: number;
  readonly pad: "valid" | "same";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dataFormat?: string;
}

/** Kernels that move a window over their input, and their gradients. */
export const WINDOWS: Readonly<Record<string, OutputShape>> = {
  AvgPool: pool2d,
  AvgPoolGrad: input("input"),
  AvgPool3D: pool3d,
  AvgPool3DGrad: input("input"),
  Conv2D: conv2d(false),
  Conv2DBackpropFilter: attribute("filterShape"),
  Conv2DBackpropInput: attribute("inputShape"),
  Conv3D: conv3d,
  Conv3DBackpropFilterV2: attribute("filterShape"),
  Conv3DBackpropInputV2: attribute("inputShape"),
  DepthwiseConv2dNative: conv2d(true),
  DepthwiseConv2dNativeBackpropFilter: attribute("filterShape"),
  DepthwiseConv2dNativeBackpropInput: attribute("inputShape"),
  Dilation2D: dilation2d,
  Dilation2DBackpropFilter: input("filter"),
  Dilation2DBackpropInput: input("x"),
  FusedConv2D: conv2d(false),
  FusedDepthwiseConv2D: conv2d(true),
  MaxPool: pool2d,
  MaxPoolGrad: input("input"),
  MaxPool3D: pool3d,
  MaxPool3DGrad: input("input"),
};

function windowOf(attributes: tfjs.NamedAttrMap | undefined): Window {
  return attributes as unknown as Window; // each op of the table has the ones that it needs
}

function conv2d(isDepthwise: boolean): OutputShape {
  return (tf, { x, filter }, attributes) => {
    const { strides, pad, dilations, dimRoundingMode, dataFormat } = windowOf(attributes);
    return tf.backend_util.computeConv2DInfo(
      ...[x as Four, filter as Four, strides, dilations ?? 1, pad, dimRoundingMode] as const,
      ...[isDepthwise, dataFormat === "NCHW" ? "channelsFirst" : "channelsLast"] as const,
    ).outShape;
  };
}

function conv3d(...[tf, { x, filter }, attributes]: Parameters<OutputShape>): readonly number[] {
  const { strides, pad, dilations } = windowOf(attributes);
  return tf.backend_util.computeConv3DInfo(x as Five, filter as Five, strides, dilations, pad)
    .outShape;
}

function pool2d(...[tf, { x }, attributes]: Parameters<OutputShape>): readonly number[] {
  const { filterSize, strides, pad, dimRoundingMode } = windowOf(attributes);
  return tf.backend_util.computePool2DInfo(x as Four, filterSize, strides, 1, pad, dimRoundingMode)
    .outShape;
}

function pool3d(...[tf, { x }, attributes]: Parameters<OutputShape>): readonly number[] {
  const { filterSize, strides, pad, dimRoundingMode } = windowOf(attributes);
  return tf.backend_util.computePool3DInfo(x as Five, filterSize, strides, 1, pad, dimRoundingMode)
    .outShape;
}

function dilation2d(
  ...[tf, { x, filter }, attributes]: Parameters<OutputShape>
): readonly number[] {
  const { strides, pad, dilations } = windowOf(attributes);
  const size = filter as [number, number, number]; // this filter has no axis of output channels
  return tf.backend_util.computeDilation2DInfo(x as Four, size, strides, pad, "NHWC", dilations)
    .outShape;
}

/** The shape that an attribute gives. */
function attribute(name: string): OutputShape {
  return (_tf, _shapes, attributes) => attributes?.[name] as number[]; // the op always has it
}

/** The shape of an input. */
function input(name: string): OutputShape {
  return (_tf, shapes) => shapes[name] ?? [];
}
