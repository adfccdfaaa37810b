import { expect, test } from 'vitest'
import { s3Fault } from '../../src/endpoints/s3/faults.js'

test.each(['EMFILE', 'ENFILE'])('no more files to open (%s) is told as what it is, and not of the server', (code) => {
  const error = Object.assign(new Error(`connect ${code} 127.0.0.1:9000 - Local (undefined:undefined)`), { code })
  expect(s3Fault(error, 'cannot write s3://b/k')).toMatchObject({
    code: 'IO',
    message: 'cannot write s3://b/k: too many files are open',
    hint: 'allow more with ulimit -n and run again',
  })
})
