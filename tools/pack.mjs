// The package as npm would publish it, packed once for all that judge it: `.packetwalk/packetwalk.tgz`.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { must, root } from './setup.mjs'

const home = join(root, '.packetwalk')
mkdirSync(home, { recursive: true })
const folder = mkdtempSync(join(home, 'pack-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

must('npm', ['pack', '--silent', '--pack-destination', folder])
const [file = ''] = readdirSync(folder)
const packed = join(home, 'packetwalk.tgz')
renameSync(join(folder, file), packed)
// Compiled code is of one version of Node: nobody else may get it (tools/launcher.mjs).
const paths = execFileSync('tar', ['-tzf', packed], { encoding: 'utf8' }).trimEnd().split('\n')
const caches = paths.filter((path) => path.endsWith('.cache'))
if (paths.length < 10 || caches.length > 0) {
  process.stderr.write(
    `packetwalk: of ${paths.length} files in the package these hold compiled code: ${caches.join(' ')}\n`,
  )
  process.exit(1)
}
