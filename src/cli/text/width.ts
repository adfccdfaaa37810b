import stringWidth from 'string-width'

const PLAIN = /^[ -~]*$/

/** A text is cut to no fewer columns. */
export const LEAST = 8

/** How many columns of a terminal a text takes: some letters take two, some signs stand on the letter before them. */
export const widthOf = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text))

/** With blanks behind it, so that it takes so many columns. */
export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Both ends of a text that takes more columns than `width`, which is never taken for less than a few. */
export function cutMiddle(text: string, width: number, more: string): string {
  const room = Math.max(width, LEAST)
  if (widthOf(text) <= room) return text
  // Made only here: the first one of a process takes 15 ms, and few texts are cut.
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment)
  const kept = room - more.length
  const front = fitting(letters, Math.floor(kept / 2))
  const back = fitting(letters.reverse(), kept - widthOf(front.join(''))).reverse()
  return `${front.join('')}${more}${back.join('')}`
}

/** The first letters that fit. */
function fitting(letters: readonly string[], width: number): string[] {
  let left = width
  const end = letters.findIndex((letter) => {
    left -= widthOf(letter)
    return left < 0
  })
  return end < 0 ? [...letters] : letters.slice(0, end)
}
