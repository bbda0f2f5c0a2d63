// Makes dist/: the library as one ES module a file with declarations and maps (tsc), and the command as one
// file (esbuild) with its code cache. Written beside the old dist/ and swapped in when complete.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { nodeScript, root, sourceDigest, stampBuild } from './setup.mjs'

const digest = sourceDigest()
const out = `dist-${process.pid}`
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

process.on('exit', () => rmSync(join(root, out), { recursive: true, force: true }))

nodeScript('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json', '--outDir', out])
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outfile: `${out}/packetwalk.cjs`,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  define: { 'process.env.PACKETWALK_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
})
copyFileSync(join(root, 'tools/launcher.mjs'), join(root, out, 'packetwalk.mjs'))
chmodSync(join(root, out, 'packetwalk.mjs'), 0o755)
rmSync(join(root, 'dist'), { recursive: true, force: true })
renameSync(join(root, out), join(root, 'dist'))
execFileSync(process.execPath, ['dist/packetwalk.mjs', 'trace', '-q', '-f', 'examples/demo/ipip.yaml', '-vv'], {
  cwd: root,
  env: { ...process.env, PACKETWALK_WRITE_CODE_CACHE: '1' },
  stdio: ['ignore', 'ignore', 'inherit'],
})
stampBuild(digest)
