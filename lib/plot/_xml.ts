/**
 * Characters that XML 1.0 (section 2.2) forbids: control characters and halves of surrogate pairs.
 */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Replaces characters that are forbidden in XML and in pages by U+FFFD. */
export function toXmlText(text: string): string {
  return text.replace(FORBIDDEN, "\u{FFFD}");
}
