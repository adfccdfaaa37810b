import { defineConfig } from 'vitest/config'

const built = process.env.EFS_DIST ?? 'dist'

export default defineConfig({
  test: {
    include: [`${built}/test/**/*.test.js`],
    exclude: [],
    setupFiles: [`${built}/test/setup.js`],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
