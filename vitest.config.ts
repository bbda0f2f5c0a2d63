import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 300_000,
    // One a processor: vitest itself has little to do beside them, and would leave one idle.
    maxWorkers: availableParallelism(),
    // Modules keep nothing between tests (`test/architecture`), and loading them for every file took as long as the tests.
    isolate: false,
    restoreMocks: true,
    // A module that did not change is not transformed again for the next run.
    experimental: { fsModuleCache: true },
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'node_modules/.cache/vitest-results.json' }]]
      : ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reportsDirectory: 'coverage',
    },
  },
})
