// The package as npm would publish it, packed once for all that judge it: `.packetwalk/packetwalk.tgz`.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { must, root } from './setup.mjs'

const home = join(root, '.packetwalk')
mkdirSync(home, { recursive: true })
const folder = mkdtempSync(join(home, 'pack-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

must('npm', ['pack', '--silent', '--pack-destination', folder])
const [file = ''] = readdirSync(folder)
renameSync(join(folder, file), join(home, 'packetwalk.tgz'))
