import { mkdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asEfsError, errorText } from '../../src/cli/print-error.js'

const NEVER = new AbortController().signal

function refusal(call: () => void): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('the system did not refuse')
}

test('what the system refuses is told in words, with what to do', () => {
  const gone = asEfsError(
    refusal(() => readFileSync('/no/such/file')),
    NEVER,
  )
  expect(errorText(gone)).toBe('efs: /no/such/file: no such file or directory\n     check the path\n')
  const inFile = asEfsError(
    refusal(() => mkdirSync(`${import.meta.filename}/x`)),
    NEVER,
  )
  expect(inFile).toMatchObject({ code: 'NOT_FOUND', message: `${import.meta.filename}/x: not a directory` })
  const readOnly = Object.assign(new Error("EROFS: read-only file system, open '/mnt/it's'"), { code: 'EROFS' })
  const told = "efs: /mnt/it's: read-only file system\n     mount it for writing and run again\n"
  expect(errorText(asEfsError(readOnly, NEVER))).toBe(told)
})
