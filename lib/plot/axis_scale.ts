/** How a vertical axis counts: in equal parts, or in equal factors. */
export type AxisScale = "linear" | "log";
