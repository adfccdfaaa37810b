import path from 'node:path'

/** What a gateway keeps in the home, beside what the segment itself has there. */
export const gatewayFiles = (home: string) => ({
  state: path.join(home, 'run', 'gateway.json'),
  log: path.join(home, 'gateway.log'),
  olderLog: path.join(home, 'gateway.log.1'),
  stats: path.join(home, 'stats'),
})
