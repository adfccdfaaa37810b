/** A module that is named at the start of a line, as TypeScript and the bundler do it. */
const NAMED = /^(?:const|let|var) ([\w$]+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm

/**
 * CommonJS code that loads its modules when it first uses them, and not all at its start. That is done with the modules of which it only
 * says `name.member`; the others are left as they are.
 */
export const late = (code) =>
  [...code.matchAll(NAMED)].reduce((text, [line, name, load]) => {
    const parts = text.split(line)
    const word = `(?<![\\w$]|(?<!\\.\\.)\\.)${name.replaceAll('$', '\\$')}`
    const alone = new RegExp(`${word}(?![\\w$.])`)
    if (parts.some((part) => alone.test(part))) return text
    const used = new RegExp(`${word}(?=\\.)`, 'g')
    return parts
      .map((part) => part.replace(used, () => `(${name}())`))
      .join(`let loaded_${name};\nconst ${name} = () => (loaded_${name} ??= ${load});`)
  }, code)
