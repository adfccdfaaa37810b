import { expect, test } from 'vitest'
import { createHost, type Door } from '../../src/app/link/host.js'
import { Premises } from '../../src/app/link/premises.js'
import { systemClock } from '../../src/base/clock.js'
import { newService } from '../../src/service/service.js'
import { GUEST, host } from './hosts.js'

const AT = '127.0.0.1:14000'

test('who knocks where a service was just disabled is told so, and who comes plain where only encrypted ones are let in', async () => {
  const doors: Door[] = []
  const linkHost = createHost({
    premises: new Premises(await host()),
    peers: { access: () => undefined, spend: () => Promise.reject(new Error('nobody pairs here')) },
    seen: () => undefined,
    refused: () => undefined,
    doors: () => doors,
    clock: systemClock,
  })
  const knock = {
    segment: GUEST,
    credential: { kind: 'none' },
    secure: false,
    address: '127.0.0.1',
    listener: AT,
  } as const
  await expect(linkHost.admit(knock)).rejects.toMatchObject({ code: 'UNREACHABLE', hint: expect.any(String) })
  const service = newService('isgw', 'door', { 'X-ISGW-Encrypted-Tunnel': '1' })
  const numbers = { count: () => undefined, set: () => undefined, note: () => undefined }
  doors.push({ service, listener: AT, secret: undefined, isOpen: true, numbers, log: { warn: () => undefined } })
  await expect(linkHost.admit(knock)).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('encrypted'),
  })
  await expect(linkHost.admit({ ...knock, secure: true })).resolves.toBeDefined()
})
