import { describe } from 'vitest'
import { accountsContract } from './accounts.js'
import { followingContract } from './following.js'
import { IndexUnderTest, type OpenIndex } from './index-under-test.js'
import { listingsContract } from './listings.js'
import { livePublishingContract } from './live-publishing.js'
import { namesContract } from './names.js'
import { publishingContract } from './publishing.js'
import { resolvingContract } from './resolving.js'
import { retentionContract } from './retention.js'
import type { HandClock } from './samples.js'
import { tipsContract } from './tips.js'

/** What every VersionIndex does, and the NameSpace beside it. */
export function versionIndexContract(name: string, open: (clock: HandClock) => Promise<OpenIndex>): void {
  describe(`${name} keeps versions`, () => {
    const index = new IndexUnderTest(open)
    publishingContract(index)
    tipsContract(index)
    resolvingContract(index)
    followingContract(index)
    retentionContract(index)
    listingsContract(index)
    accountsContract(index)
    livePublishingContract(index)
    namesContract(index)
  })
}
