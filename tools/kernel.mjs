// The real kernel as a judge of rules; what it judges: tools/kernel/run.ts.
import { ensureInstalled, nodeScript } from './setup.mjs'

ensureInstalled()
nodeScript('node_modules/tsx/dist/cli.mjs', ['tools/kernel/run.ts', ...process.argv.slice(2)])
