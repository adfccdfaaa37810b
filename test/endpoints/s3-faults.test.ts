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

const failing = (name: string, message: string, more: { status?: number; code?: string } = {}) => {
  const { status, code } = more
  const error = Object.assign(new Error(message), code && { code }, status && { $metadata: { httpStatusCode: status } })
  error.name = name
  return error
}

test.each<[what: string, error: Error, code: string, words: string, hint: RegExp]>([
  [
    'https that was asked of http',
    failing(
      'Error',
      'write EPROTO 80C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/x.c:350:',
      {
        code: 'EPROTO',
      },
    ),
    'UNREACHABLE',
    'no TLS is spoken there',
    /^write http:\/\//,
  ],
  [
    'http that was asked of https',
    failing('TimeoutError', 'socket hang up', { code: 'ECONNRESET' }),
    'UNREACHABLE',
    'the connection was closed before there was an answer',
    /https:\/\/ or http:\/\//,
  ],
  [
    'a server that says nothing',
    failing(
      'TimeoutError',
      '@smithy/node-http-handler - the request socket timed out after 60000 ms of inactivity (configured by client).',
    ),
    'UNREACHABLE',
    'nothing moved for 60 s',
    /^check the address/,
  ],
  [
    'a region that Amazon or Garage does not take',
    failing('AuthorizationHeaderMalformed', "the region is wrong; expecting 'garage'.", { status: 400 }),
    'USAGE',
    "AuthorizationHeaderMalformed, the region is wrong; expecting 'garage'.",
    /\$AWS_REGION/,
  ],
  [
    'a page of something else',
    failing('Error', '@aws-sdk XML parse error: unexpected content.\n  Deserialization error: to see the raw', {
      status: 200,
    }),
    'UNREACHABLE',
    'the answer is not one of S3 (HTTP 200)',
    /is an S3 server there/,
  ],
  [
    'an answer without words',
    failing('Unknown', 'UnknownError', { status: 405 }),
    'FAILED',
    'HTTP 405, and no word of why',
    /is an S3 server there/,
  ],
  [
    'no keys at all',
    failing('CredentialsProviderError', 'Could not load credentials from any providers'),
    'REFUSED',
    'Could not load credentials from any providers',
    /\$AWS_PROFILE/,
  ],
])('%s is told in words, with what to do', (_, error, code, words, hint) => {
  const message = `cannot list s3://b/: ${words}`
  expect(s3Fault(error, 'cannot list s3://b/')).toMatchObject({ code, message, hint: expect.stringMatching(hint) })
})
