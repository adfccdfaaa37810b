import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import path from 'node:path'
import { EfsError } from '../../base/errors.js'
import { passed, warned } from '../../model/finding.js'
import { shortGuid } from '../../model/ids.js'
import { type App, hasSegment, withSegment } from '../app.js'
import { failedBy } from '../check/outcome.js'
import type { DoctorFinding } from './finding.js'
import { clockTest, filesTest, runtimeTest, spaceTest, standing, watchesTest } from './machine.js'
import { nativeTests } from './native.js'

/** Tests the installation, one thing after the other. Nothing is changed. `version`: of this efs. */
export async function examine(
  app: App,
  version: string,
  tell: (finding: DoctorFinding) => Promise<void>,
): Promise<void> {
  await tell(runtimeTest(version, process.versions.node))
  for await (const finding of nativeTests()) await tell(finding)
  await tell(await keyringTest(app))
  await tell(await homeTest(app))
  await tell(await spaceTest(app.home))
  await tell(await clockTest(app))
  await tell(await filesTest())
  await tell(await watchesTest())
}

async function keyringTest({ secrets, config }: App): Promise<DoctorFinding> {
  const file = `secrets are kept in ${path.join(config, 'credentials.json')}`
  if (secrets.keyring === 'off') return passed('keyring', `none is wanted (EFS_KEYRING=0): ${file}`)
  if (secrets.keyring === 'try') {
    const { keyringCredentials } = await import('../credentials/keyring.js')
    if ((await keyringCredentials()) !== undefined) return passed('keyring', 'answers')
  }
  return warned(
    'keyring',
    `none answers here: ${file}`,
    'only you can read it; a Secret Service on D-Bus would be used',
  )
}

async function homeTest(app: App): Promise<DoctorFinding> {
  try {
    if (!hasSegment(app)) return await absent(app.home)
    return await withSegment({ ...app, note: () => undefined }, async ({ guid, home, unadopted }) => {
      const what = `segment ${shortGuid(guid)} in ${home}`
      if (!unadopted) return passed('home', what)
      const hint = 'efs system adopt --moved (there is no other) or --copied (the other one lives on too)'
      return warned('home', `${what} was copied, moved or restored: links pause until you say which`, hint)
    })
  } catch (error) {
    return failedBy('home', error)
  }
}

/** Whether a segment could be made there. @throws EfsError REFUSED on a network disk */
async function absent(home: string): Promise<DoctorFinding> {
  const { assertLocal } = await import('../../store/mounts.js')
  assertLocal(home)
  const above = standing(home)
  try {
    await access(above, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new EfsError(
      'REFUSED',
      `there is no segment in ${home}, and none can be made: no right to write in ${above}`,
      {
        hint: 'give another --home, or the right to write there',
        cause,
      },
    )
  }
  return warned('home', `no segment in ${home} yet`, 'the first efs bucket create makes one, or efs system init')
}
