import { expect, test } from 'vitest'
import { World } from './world.js'

test('a folder that may not be entered is refused, whichever side it is, and the reason is told', () => {
  const world = new World()
  expect(world.efs('bucket', 'create', 'Hawaii/Cola/bk1')).toMatchObject({ status: 0 })
  world.write('closed/in/f', 'x')
  world.run('chmod', '000', 'closed')
  const refused = (what: string) => ({ status: 8, stderr: expect.stringMatching(`^efs: ${what}: permission denied\n`) })
  const [closed, inside] = [world.at('closed'), world.at('closed/in')]
  const from = world.efsUnprivileged('sync', './closed', 'Hawaii/Cola/bk1', '--delete')
  expect(from).toMatchObject(refused(`cannot read ${closed}/.efsignore`))
  const to = world.efsUnprivileged('sync', 'Hawaii/Cola/bk1', './closed/in')
  expect(to).toMatchObject(refused(`cannot open ${inside}`))
  world.run('chmod', '700', 'closed')
})
