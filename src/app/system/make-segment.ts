import { EfsError } from '../../base/errors.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { App } from '../app.js'

/** Makes a segment in a home that is absent or empty; undefined where one is there. @throws NOT_FOUND where it holds something else */
export async function makeSegment({ home, clock }: App): Promise<SegmentGuid | undefined> {
  const { initSegment } = await import('../../store/segment.js')
  try {
    return await initSegment(home, { clock })
  } catch (error) {
    if (!(error instanceof EfsError)) throw error
    if (error.code === 'EXISTS') return undefined
    throw error.code === 'USAGE' ? otherFolder(error) : error
  }
}

/** To a store the folder is misused; to the user no segment is there, as every other command says. */
const otherFolder = (error: EfsError): EfsError =>
  new EfsError('NOT_FOUND', error.message, { hint: error.hint, cause: error })
