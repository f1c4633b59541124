/** All that XML 1.0 (section 2.2) has no place for: control characters and halves of surrogate pairs. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Puts U+FFFD in the place of characters that no XML, and no page, may hold. */
export function toXmlText(text: string): string {
  return text.replace(FORBIDDEN, "\u{FFFD}");
}
