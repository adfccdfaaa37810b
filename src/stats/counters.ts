import { COUNTERS, type CounterName, type Stats, type StatsSnapshot } from '../model/stats.js'

const zero = (): Record<CounterName, number> =>
  Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<CounterName, number>

export function createStats(): Stats {
  const counts = zero()
  return {
    add: (name, n) => {
      counts[name] += n
    },
    read: (): StatsSnapshot => ({ ...counts }),
  }
}
