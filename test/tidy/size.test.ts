import { expect, test } from 'vitest'
import { read, sourcesOf } from './sources.js'

const FILE_LINES_MAX = 250
const FUNCTION_LINES_MAX = 60

const code = sourcesOf('src', 'commands', 'bench')
const tests = sourcesOf('test')

test('a file holds one idea: at most 250 lines', () => {
  const long = [...code, ...tests].filter((file) => read(file).split('\n').length - 1 > FILE_LINES_MAX)
  expect(long).toEqual([])
})

test('a function fits on a screen: at most 60 lines', () => {
  const long = code.flatMap((file) =>
    functionsOf(read(file))
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(({ name, lines }) => `${file} ${name}: ${lines}`),
  )
  expect(long).toEqual([])
})

test('the measure of functions measures', () => {
  const body = Array.from({ length: 70 }, (_, i) => `  step(${i})`).join('\n')
  expect(functionsOf(`export function long(): void {\n${body}\n}\n`)).toEqual([{ name: 'long', lines: 72 }])
  expect(functionsOf(`class A {\n  async method(): Promise<void> {\n${body}\n  }\n}\n`)).toEqual([
    { name: 'method', lines: 72 },
  ])
  expect(functionsOf(`const arrow = (a: number) => {\n${body}\n}\n`)).toEqual([{ name: 'arrow', lines: 72 }])
})

test('no test is skipped, narrowed or owed', () => {
  const pattern = /\b(?:test|it|describe)\.(?:skip|only|todo|fails|skipIf|runIf)\b/
  expect(tests.filter((file) => file !== 'test/tidy/size.test.ts' && pattern.test(read(file)))).toEqual([])
})

test('no cast that silences, no promise owed in a comment', () => {
  const pattern = /@ts-(?:ignore|expect-error|nocheck)|\bas any\b|: any\b|as unknown as|TODO|FIXME|biome-ignore/
  expect([...code, ...tests].filter((file) => file !== 'test/tidy/size.test.ts' && pattern.test(read(file)))).toEqual(
    [],
  )
})

/** Functions by the formatter's shape: a head that ends in `{`, and the `}` at the same indent. */
function functionsOf(text: string): { name: string; lines: number }[] {
  const lines = text.split('\n')
  const head =
    /^(\s*)(?:export )?(?:default )?(?:static |override |private |protected |public )*(?:async )?(?:function\*? |\*|const |get |set )?(#?\w+)(?: = (?:async )?)?(?:<[^>]*>)?\(.*\{$/
  return lines.flatMap((line, at) => {
    const match = head.exec(line)
    if (!match || /^\s*(?:if|for|while|switch|catch|return|else|await|do)\b/.test(line)) return []
    const end = lines.indexOf(`${match[1]}}`, at + 1)
    return end < 0 ? [] : [{ name: match[2] ?? '', lines: end - at + 1 }]
  })
}
