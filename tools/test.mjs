// `npm test`: sets itself up, then runs vitest once. Arguments after `--` go to vitest (`npm test -- test/wire`).
import { ensureBuilt, ensureInstalled, nodeScript } from './setup.mjs'

ensureInstalled()
ensureBuilt()
nodeScript('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)])
