import { expect, test } from 'vitest'
import { MovedClock } from './clocks.js'
import { eventually, Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'
/** Without root's power to read what its modes forbid. */
const POWERLESS = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all']

test('what cannot be taken in is tried when it changes, which is what is told of it', async () => {
  const site = await Site.open({}, POWERLESS)
  site.ok('bucket', 'create', BUCKET)
  site.write('d/secret', 'one')
  site.write('d/closed/in', 'in')
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'both')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  await site.startGateway()
  site.ok('wait', 'm', '--timeout', '60s')
  site.run('sh', '-c', 'echo two > d/secret; chmod 0 d/secret d/closed')
  let stdout = ''
  await eventually(() => {
    stdout = site.efs('wait', 'm').stdout
    return /bk1\/closed\/: it cannot be opened.*, next 20[\s\S]*secret: /.test(stdout)
  })
  const [closed, secret, ...more] = stdout.trimEnd().split('\n')
  // Nothing is brought into it either, and that is tried at its time.
  expect(closed).toMatch(new RegExp(`^${BUCKET}/closed/: it cannot be opened: permission denied \\(\\d+ .*, next 20`))
  const next = /\(\d+ tr(y|ies), next when it changes, and at the next full pass\)$/.source
  expect(secret).toMatch(new RegExp(`^${BUCKET}/secret: cannot be read: permission denied ${next}`))
  // The system tells of the folder as if it were something in it, of which nothing can be known.
  expect(more).toEqual([])
  const events = site.efs('wait', 'm', '--json').stdout.trimEnd().split('\n')
  const told = expect.objectContaining({ type: 'heldUp', path: `${BUCKET}/secret`, nextTry: null })
  expect(events.map((event) => JSON.parse(event))).toContainEqual(told)
  // Each try finds it closed again.
  await eventually(() => /closed\/: .* \([3-9] tries/.test(site.efs('wait', 'm').stdout))
  expect(site.efs('wait', 'm', '--bucket', BUCKET, '--object', 'closed/in')).toMatchObject({ status: 4 })
  await eventually(() => /Objects held up +\| 2 /.test(site.ok('service', 'show', 'm', '-s').stdout))
  const why = (key: string): string => site.ok('why', `${BUCKET}/${key}`).stdout
  expect(why('secret')).toContain('waiting: cannot be read: permission denied (')
  expect(why('closed/in')).toContain('waiting: closed/: it cannot be opened: permission denied (')
  expect(why('secret')).toContain('next: it is tried again when it changes, and at the next full pass\n')
  site.run('chmod', '700', 'd/secret', 'd/closed')
  site.write('d/closed/new', 'new')
  await eventually(() => site.efs('wait', 'm', '--timeout', '60s').status === 0)
  expect(site.ok('object', 'get', `${BUCKET}/secret`, '-').stdout).toBe('two\n')
  expect(site.ok('object', 'list', BUCKET).stdout).toBe('closed/in\nclosed/new\nsecret\n')
  await site.endGateway()
  expect(site.said).not.toContain('it failed, and is tried again')
})

test('an object below a folder that cannot be entered is told to be held up, and what is there is not', async () => {
  const site = await Site.open({}, POWERLESS)
  site.ok('bucket', 'create', BUCKET)
  site.write('src/closed/one', 'one')
  site.ok('sync', './src', BUCKET)
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'send')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  await site.startGateway()
  site.ok('wait', 'm', '--timeout', '60s')
  site.run('chmod', '0', 'd/closed')
  site.write('src/closed/two', 'two')
  site.ok('sync', './src', BUCKET)
  const wait = (key: string) => site.efs('wait', 'm', '--bucket', BUCKET, '--object', key, '--timeout', '60s').status
  const why = (key: string): string => site.ok('why', `${BUCKET}/${key}`).stdout
  // Once it was tried again, the folder stands for what is in it.
  await eventually(() => why('closed/two').includes('waiting: closed/: it cannot be opened: permission denied ('))
  expect(wait('closed/two')).toBe(4)
  expect(why('closed/one')).not.toContain('waiting')
  expect(wait('closed/one')).toBe(0)
  site.run('chmod', '700', 'd/closed')
  await eventually(() => site.efs('wait', 'm').status === 0)
  expect(site.run('cat', 'd/closed/two').stdout).toBe('two')
  expect(why('closed/two')).not.toContain('waiting')
  await site.endGateway()
})

test('what is held up is tried again though the clock was set back, and service check tells why a folder cannot be used', async () => {
  const clock = new MovedClock()
  const site = await Site.open(clock.env, POWERLESS)
  site.ok('bucket', 'create', BUCKET)
  site.write('src/closed/one', 'one')
  site.ok('sync', './src', BUCKET)
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('up/d')}`, '--direction', 'send')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.run('mkdir', '-p', 'up/d/closed')
  site.run('chmod', '0', 'up/d/closed')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  await site.startGateway()
  await eventually(() => site.efs('wait', 'm').status === 4)
  clock.set(-3_600_000)
  site.run('chmod', '700', 'up/d/closed')
  // The bucket's bell wakes it: nothing else is to be waited for.
  site.write('src/two', 'two')
  site.ok('sync', './src', BUCKET)
  await eventually(() => site.run('cat', 'up/d/closed/one').stdout === 'one')
  await site.endGateway()
  const check = (): string => site.efs('service', 'check', 'm').stdout
  site.run('chmod', '500', 'up/d')
  expect(check()).toContain(`${site.at('up/d')} cannot be written to: permission denied\n`)
  site.run('chmod', '0', 'up')
  expect(check()).toContain(`${site.at('up/d')} cannot be looked at: permission denied\n`)
  site.run('chmod', '700', 'up', 'up/d')
})
