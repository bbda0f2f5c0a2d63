import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Group } from './groups.ts'

const HERE = dirname(fileURLToPath(import.meta.url))

/** The project's own folder: the newer of two revisions that are compared. */
export const ROOT: string = dirname(HERE)

/** The full name of a commit, or undefined when there is none of that name. */
export function commitOf(ref: string): string | undefined {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
  const { stdout, status } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Puts what a revision is built from into a folder, with the packages of this one. */
export function checkOut(commit: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const tar = execFileSync(
    'git',
    ['archive', '--format=tar', commit, 'src', 'tools', 'package.json', 'package-lock.json', 'tsconfig.json'],
    { cwd: ROOT, maxBuffer: 1 << 30 },
  )
  execFileSync('tar', ['-xf', '-', '-C', folder], { input: tar })
  linkPackages(folder)
}

/** Every package as a link of its own: what a build notes in node_modules/.cache stays with its revision. */
function linkPackages(folder: string): void {
  const packages = join(folder, 'node_modules')
  mkdirSync(packages)
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(ROOT, 'node_modules', name), join(packages, name))
  }
}

/** Makes the command of a revision; its path, or why there is none. */
export function buildCommand(folder: string): { readonly path: string } | { readonly why: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) return { why: firstLine(`${stderr}${stdout}`) }
  return { path: join(folder, 'dist/packetwalk.mjs') }
}

/** The first line of a text that says something. */
export function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((one) => one.trim() !== '')
      ?.trim() ?? 'no word of why'
  )
}

/**
 * Today's code of a group over the library of a revision, as one file that prints the rows of the group.
 *
 * @returns undefined, or why the revision cannot run it: a room or a name that it does not have
 */
export async function bundleGroup(
  folder: string,
  { module, rows }: Group,
  outfile: string,
): Promise<string | undefined> {
  const contents = `import * as bench from './${module}'\nimport { runAlone } from './alone.ts'\nrunAlone(bench, '${rows}')\n`
  try {
    await build({
      stdin: { contents, resolveDir: HERE, sourcefile: 'group.ts' },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      banner: {
        js: "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)",
      },
      minifySyntax: true,
      plugins: [libraryOf(folder), ownPlaces],
      logLevel: 'silent',
    })
    return undefined
  } catch (error) {
    return firstLine((error as { errors?: { text: string }[] }).errors?.[0]?.text ?? String(error))
  }
}

/** `packetwalk` and its doors are the rooms of a revision. */
function libraryOf(folder: string): Plugin {
  return {
    name: 'library',
    setup({ onResolve }) {
      onResolve({ filter: /^packetwalk(\/|$)/ }, ({ path }) => {
        const file = join(folder, 'src', path.slice('packetwalk'.length), 'index.ts')
        return existsSync(file) ? { path: file } : { errors: [{ text: `there is no ${path}` }] }
      })
    },
  }
}

/** What benchmarks and the support of tests read lies beside their sources, not beside the bundle. */
const ownPlaces: Plugin = {
  name: 'own places',
  setup({ onLoad }) {
    onLoad({ filter: /\/(bench|test\/support)\/[\w-]+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }))
  },
}
