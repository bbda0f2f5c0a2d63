// Runs the command as users do, as a process of its own: the one of dist/, or a bundle where that is older than its sources.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { buildIsFresh } from '../../tools/setup.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What a run of the command gave. */
export interface CliRun {
  /** Exit status. */
  readonly status: number | null
  /** Standard output as text. */
  readonly stdout: string
  /** Standard output as it is. */
  readonly bytes: Uint8Array
  /** Standard error. */
  readonly stderr: string
}

/** The command, and a folder for what it writes. */
export interface Cli {
  /** Folder of its own. */
  readonly folder: string
  /** The file that Node runs. */
  readonly program: string
  /** Runs it; `input` is its standard input, `cwd` where it runs (absent: its folder). */
  run(args: readonly string[], input?: string, cwd?: string): CliRun
  /** Runs it, and presses Ctrl-C as soon as it says something on standard error. */
  interrupted(args: readonly string[]): Promise<CliRun>
  /** Writes a file into the folder. */
  write(path: string, bytes: Uint8Array | string): void
  /** Removes the folder. */
  close(): void
}

/** The version the command says it has. */
export const VERSION: string = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string })
  .version

/** Compiled code of the command, kept for all its runs (`tools/launcher.mjs`). */
const CODE_CACHE = join(ROOT, 'node_modules/.cache/packetwalk/code')

function bundled(program: string): string {
  buildSync({
    entryPoints: [join(ROOT, 'src/cli/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)",
    },
    define: { 'process.env.PACKETWALK_VERSION': JSON.stringify(VERSION) },
    logLevel: 'error',
  })
  return program
}

/** Finds the command and makes the folder. */
export function openCli(): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'packetwalk-cli-'))
  const program = buildIsFresh() ? join(ROOT, 'dist/packetwalk.mjs') : bundled(join(folder, 'packetwalk.mjs'))
  const env = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, PACKETWALK_CACHE: CODE_CACHE }
  return {
    folder,
    program,
    run(args, input = '', cwd = folder) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
        cwd,
        input,
        env,
        maxBuffer: 1 << 28,
      })
      return { status, stdout: stdout.toString('utf8'), bytes: stdout, stderr: stderr.toString('utf8') }
    },
    interrupted(args) {
      const child = spawn(process.execPath, [program, ...args], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const [out, said]: [Buffer[], Buffer[]] = [[], []]
      child.stdout.on('data', (data: Buffer) => out.push(data))
      child.stderr.on('data', (data: Buffer) => said.push(data))
      child.stderr.once('data', () => child.kill('SIGINT'))
      return new Promise((resolve) => {
        child.on('close', (status) => {
          const bytes = Buffer.concat(out)
          resolve({ status, stdout: bytes.toString('utf8'), bytes, stderr: Buffer.concat(said).toString('utf8') })
        })
      })
    },
    write(path, bytes) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    },
    close: () => rmSync(folder, { recursive: true }),
  }
}

/** A file of the demo. */
export function demo(name: string): string {
  return join(ROOT, 'examples/demo', name)
}
