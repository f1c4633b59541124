/**
 * The parts of `@resvg/resvg-js` that are used here. The package's own types include those of
 * Node.js, which differ from Deno's.
 *
 * @module
 */

/** An SVG to be drawn. */
export class Resvg {
  constructor(svg: string, options: {
    readonly fitTo: { readonly mode: "zoom"; readonly value: number };
    readonly background: string;
    readonly font: {
      readonly loadSystemFonts: boolean;
      readonly fontFiles: readonly string[];
      readonly defaultFontFamily: string;
      readonly sansSerifFamily: string;
    };
  });
  render(): { readonly width: number; readonly height: number; readonly pixels: Uint8Array };
}
