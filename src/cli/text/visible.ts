/**
 * Text from outside, for one line of a terminal: what would move the cursor, change colours, end the line or turn the
 * direction of reading is spelled, `\u001b`.
 */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
