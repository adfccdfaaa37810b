/** What other programs may use. */
export { type App, type AppOptions, openApp, withSegment } from './app/app.js'
export { listObjects } from './app/list-objects.js'
export { readObject } from './app/objects.js'
export { type PutSource, putObject } from './app/put.js'
export { type SyncRequest, type SyncSummary, syncOnce } from './app/sync.js'
export { type Difference, type Verdict, type VerifyRequest, verify } from './app/verify.js'
export { newStats, type Watch } from './app/watch.js'
export { EfsError, ERRORS, type ErrorCode } from './base/errors.js'
