// `npm run bench`: sets itself up, then runs bench/main.ts against the build. Arguments after `--` go to it.
import { ensureBuilt, ensureInstalled, run } from './setup.mjs'

ensureInstalled()
ensureBuilt()
process.exit(run(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)]))
