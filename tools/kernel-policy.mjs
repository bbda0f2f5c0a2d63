// The real kernel as a judge of policy; what it judges: tools/kernel-policy.ts.
import { ensureInstalled, nodeScript } from './setup.mjs'

ensureInstalled()
nodeScript('node_modules/tsx/dist/cli.mjs', ['tools/kernel-policy.ts', ...process.argv.slice(2)])
