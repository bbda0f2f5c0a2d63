// Makes dist/: the library as one ES module a file with declarations and maps (emit.mjs), and the command in parts behind a launcher
// (command.mjs). Written beside the old dist/ and swapped in when complete.
import { chmodSync, copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildCommand } from './command.mjs'
import { nodeScript, root, sourceDigest, stampBuild } from './setup.mjs'

const digest = sourceDigest()
const out = `dist-${process.pid}`

process.on('exit', () => rmSync(join(root, out), { recursive: true, force: true }))

nodeScript('tools/emit.mjs', [out])
await buildCommand(out)
copyFileSync(join(root, 'tools/launcher.mjs'), join(root, out, 'packetwalk.mjs'))
chmodSync(join(root, out, 'packetwalk.mjs'), 0o755)
rmSync(join(root, 'dist'), { recursive: true, force: true })
renameSync(join(root, out), join(root, 'dist'))
stampBuild(digest)
