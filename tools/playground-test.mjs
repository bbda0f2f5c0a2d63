// The playground as it is built, used in a real headless Chromium. Pictures of three widths are kept in .packetwalk/playground/.
// usage: npm run playground:test [-- -t NAME]   (after npm run playground; CHROMIUM=PATH names another browser)
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

if (!existsSync(join(root, 'site/dist/play/index.html'))) {
  process.stderr.write('playground:test: nothing is built; npm run playground builds it\n')
  process.exit(1)
}
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'site/playground/vitest.config.ts']
process.exit(run(process.execPath, [...vitest, ...process.argv.slice(2)]))
