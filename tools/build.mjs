// Makes dist/: the library as one ES module a file with declarations and maps (tsc), and the command as one
// file (esbuild). Written beside the old dist/ and swapped in when complete.
import { chmodSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { nodeScript, root, sourceDigest, stampBuild } from './setup.mjs'

const digest = sourceDigest()
const out = `dist-${process.pid}`
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

// Packages written as CommonJS call require for Node's own modules; a module has to make one.
const banner = `#!/usr/bin/env node
import { createRequire as packetwalkCreateRequire } from 'node:module';
const require = packetwalkCreateRequire(import.meta.url);`

process.on('exit', () => rmSync(join(root, out), { recursive: true, force: true }))

nodeScript('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json', '--outDir', out])
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outfile: `${out}/packetwalk.mjs`,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  banner: { js: banner },
  define: { 'process.env.PACKETWALK_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
})
chmodSync(join(root, out, 'packetwalk.mjs'), 0o755)
rmSync(join(root, 'dist'), { recursive: true, force: true })
renameSync(join(root, out), join(root, 'dist'))
stampBuild(digest)
