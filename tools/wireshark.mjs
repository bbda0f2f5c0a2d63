// Wireshark and tcpdump as judges; what they judge: tools/wireshark.ts.
import { ensureInstalled, nodeScript } from './setup.mjs'

ensureInstalled()
nodeScript('node_modules/tsx/dist/cli.mjs', ['tools/wireshark.ts', ...process.argv.slice(2)])
