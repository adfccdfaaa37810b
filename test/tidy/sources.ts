import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { init, parse } from 'es-module-lexer'

export const ROOT = process.cwd()

/** Every source file below the folders, as paths from the root. */
export const sourcesOf = (...folders: string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name)),
  )

export const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

/** The files of ours that a file imports, type imports included, as paths from the root. */
export function importsOf(file: string): string[] {
  const found = [...read(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '')
  return found.map((specifier) => path.join(path.dirname(file), specifier).replace(/\.js$/, '.ts'))
}

/** The packages that the compiled form of a file imports (`typescript` erases types, so only real ones). */
export async function packagesOf(file: string): Promise<string[]> {
  await init
  const built = path.join(ROOT, process.env.EFS_DIST ?? 'dist', file.replace(/\.ts$/, '.js'))
  const [imports] = parse(readFileSync(built, 'utf8'))
  return imports.flatMap(({ n }) => (n === undefined || n.startsWith('.') || n.startsWith('node:') ? [] : [n]))
}
