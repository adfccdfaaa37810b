import { defineConfig } from 'vitest/config'

const built = process.env.EFS_DIST ?? 'dist'

export default defineConfig({
  test: {
    include: [`${built}/test/**/*.test.js`],
    exclude: [],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
