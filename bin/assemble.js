import { readFileSync, writeFileSync } from 'node:fs'
import wabt from 'wabt'

// What of the sources is written in WebAssembly's text becomes a module that holds it: it is small, and needs no file beside the program.

const at = (name) => new URL(`../src/chunker/${name}`, import.meta.url)
const { parseWat } = await wabt()
const { buffer } = parseWat('gear.wat', readFileSync(at('gear.wat'), 'utf8')).toBinary({})
writeFileSync(
  at('gear-code.ts'),
  `/** gear.wat, assembled by \`node bin/assemble.js\`. */
export const GEAR_CODE: Uint8Array = Buffer.from(
  '${Buffer.from(buffer).toString('base64')}',
  'base64',
)
`,
)
