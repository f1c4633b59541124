import { color } from "d3-color";
import { encodePng, type Pixels } from "./_png.ts";

// The package has no types; this type follows its documentation.
const parseColor: (text: string) => { rgb(): Rgb } | null = color;

interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly opacity: number;
}

/**
 * A canvas with only the functions that Plot uses: rectangles (colour ramps) and pixels (rasters).
 *
 * No DOM package for servers brings its own canvas.
 */
export class Canvas {
  /** Pixels across; set before drawing. */
  width = 300;
  /** Pixels down; set before drawing. */
  height = 150;
  #data: Uint8ClampedArray | undefined;

  getContext(kind: string): CanvasContext | null {
    return kind === "2d" ? new CanvasContext(this.pixels()) : null;
  }

  pixels(): Pixels {
    const { width, height } = this;
    this.#data ??= new Uint8ClampedArray(4 * width * height);
    return { width, height, data: this.#data };
  }

  toDataURL(): string {
    return `data:image/png;base64,${encodePng(this.pixels()).toBase64()}`;
  }
}

/** The 2D context of a {@linkcode Canvas}. */
export class CanvasContext {
  fillStyle = "black";
  readonly #pixels: Pixels;

  constructor(pixels: Pixels) {
    this.#pixels = pixels;
  }

  fillRect(left: number, top: number, width: number, height: number): void {
    const parsed = parseColor(this.fillStyle);
    if (parsed === null) {
      throw new SyntaxError(`Cannot fill: expected a CSS colour, got "${this.fillStyle}"`);
    }
    const { r, g, b, opacity } = parsed.rgb();
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) {
        this.#pixels.data.set([r, g, b, 255 * opacity], 4 * (y * this.#pixels.width + x));
      }
    }
  }

  createImageData(width: number, height: number): Pixels {
    return { width, height, data: new Uint8ClampedArray(4 * width * height) };
  }

  putImageData(image: Pixels): void {
    this.#pixels.data.set(image.data);
  }
}
