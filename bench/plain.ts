import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(HERE)

/** What a module says for its own place. Put together: comparisons write another place where they read it. */
const OWN_URL = ['import', 'meta', 'url'].join('.')

interface PackageJson {
  readonly name: string
  readonly exports: Readonly<Record<string, { readonly default: string } | string>>
}

/** The doors of the built package, by the names under which it is imported. */
function doors(): Record<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageJson
  const files = Object.entries(exports).flatMap(([door, to]) =>
    typeof to === 'string' ? [] : [[join(name, door), join(ROOT, to.default)] as const],
  )
  // The longest first: the package's own name is the beginning of all.
  return Object.fromEntries(files.sort(([a], [b]) => b.length - a.length))
}

/**
 * A module of benchmarks with the built package in one file of JavaScript, as users run it: a process of it has no loader of
 * TypeScript in its memory. It is gone when this process ends.
 */
export function plainProgram(module: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'bench.mjs')
  // Asked for here: whoever bundles this module for a comparison bundles no bundler.
  const { buildSync } = createRequire(join(HERE, 'plain.ts'))('esbuild') as typeof import('esbuild')
  buildSync({
    stdin: {
      contents: `import * as bench from './${module}'\nimport { runAlone } from './alone.ts'\nrunAlone(bench, '')\n`,
      resolveDir: HERE,
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    banner: { js: `import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(${OWN_URL})` },
    alias: doors(),
    logLevel: 'silent',
  })
  return outfile
}
