import { writeSync } from 'node:fs'
import { spendPairing } from '../../src/app/peers/pairing.js'
import { systemClock } from '../../src/base/clock.js'
import { EfsError } from '../../src/base/errors.js'
import { segmentGuid } from '../../src/model/ids.js'
import { openSegment } from '../../src/store/segment.js'

/* A process that spends one-time tokens as one guest. On stdout, a line each: `spent ONE-TIME`, `refused ONE-TIME`. */

const [, , home = '', guest = '', ...tokens] = process.argv
const segment = await openSegment(home, { clock: systemClock })
for (const oneTime of tokens) {
  try {
    await spendPairing(segment, { oneTime, guest: segmentGuid(guest), fingerprint: undefined, clock: systemClock })
    writeSync(1, `spent ${oneTime}\n`)
  } catch (error) {
    if (!(error instanceof EfsError) || error.code !== 'REFUSED') throw error
    writeSync(1, `refused ${oneTime}\n`)
  }
}
await segment.close()
