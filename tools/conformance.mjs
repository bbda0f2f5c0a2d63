// The kernel as judge; what it does and its options: tools/conformance.ts.
import { ensureInstalled, nodeScript } from './setup.mjs'

ensureInstalled()
nodeScript('node_modules/tsx/dist/cli.mjs', ['tools/conformance.ts', ...process.argv.slice(2)])
