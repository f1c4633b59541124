import type { MimeBundle, Screen, ShowOptions } from "lib/notebook/mod.ts";

/** What was put on a screen, in order. */
export interface Shown {
  readonly bundle: MimeBundle;
  readonly options: ShowOptions;
}

/** A notebook's screen that keeps what it is given. */
export class FakeScreen implements Screen {
  readonly isNotebook: boolean;
  readonly shown: Shown[] = [];
  readonly lines: string[] = [];

  constructor(isNotebook: boolean = true) {
    this.isNotebook = isNotebook;
  }

  show(bundle: MimeBundle, options: ShowOptions = {}): Promise<void> {
    this.shown.push({ bundle, options });
    return Promise.resolve();
  }

  print(text: string): void {
    this.lines.push(text);
  }
}
