import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { decodeText, type InputFile } from '../../input/index.ts'
import { printable } from '../../model/index.ts'
import { dumpOfBytes, NO_SESSION, openSession, type Session, sessionToJson } from '../../session/index.ts'
import { EXIT } from '../exit.ts'
import { holdsDumps, readDumps, refuse } from '../files.ts'
import { InputFiles } from '../input-files.ts'
import { builtFiles, type Served, servePage } from '../page-server.ts'

/** Options of `packetwalk playground`. */
export interface PlaygroundOptions {
  /** `-f`. */
  readonly file?: readonly string[]
  /** `--dump`. */
  readonly dump?: readonly string[]
  /** `--seed`. */
  readonly seed?: number
  /** `--port`. */
  readonly port?: number
  /** `--open`. */
  readonly open?: boolean
}

/** What a browser holds of objects without trouble, in bytes. */
const MOST = 64 * 1024 * 1024

/** Serves the built page on this machine until it is interrupted. Wrong files are told here, before a browser is opened. */
export async function playgroundCommand(options: PlaygroundOptions): Promise<number> {
  const folder = builtFolder()
  if (folder === undefined) {
    process.stderr.write('packetwalk: the page is not built here; in a clone npm start -- playground builds it\n')
    return EXIT.usage
  }
  const session = sessionOf(options)
  if (session !== undefined) openSession(session)
  const files = builtFiles(folder)
  if (session !== undefined) files.set('/session.json', { type: 'application/json', bytes: sessionToJson(session) })
  const served = await servePage(files, options.port ?? 0)
  const address = `${served.address}${session === undefined ? '' : '#local'}`
  process.stdout.write(`${address}\n`)
  if (options.open === true) openInBrowser(address)
  return await interrupted(served)
}

/** Where the build stands beside the program, whatever link the program was called by. */
function builtFolder(): string | undefined {
  const program = process.argv[1]
  if (program === undefined) return undefined
  const folder = join(dirname(dirname(realpathSync(program))), 'site/dist/play')
  return existsSync(join(folder, 'index.html')) ? folder : undefined
}

function sessionOf({ file = [], dump = [], seed = 1 }: PlaygroundOptions): Session | undefined {
  if (file.length === 0 && dump.length === 0) return undefined
  const say = (line: string): void => void process.stderr.write(`packetwalk: ${printable(line)}\n`)
  const inputs = new InputFiles()
  // The page takes whatever is dropped on it by what it is; so does `-f`.
  const objects = file.filter((path) => !holdsDumps(path))
  const files = inputs.read(() => inputs.open(objects, say).map(textOf))
  const given = [...dump, ...file.filter((path) => !objects.includes(path))]
  const dumps = [...readDumps(given, say)].map(([name, bytes]) => dumpOfBytes(name, bytes))
  const title = [...file, ...dump].join(', ')
  return { ...NO_SESSION, title, seed, files, dumps }
}

function textOf({ name, bytes }: InputFile): { readonly name: string; readonly text: string } {
  const whole = bytes instanceof Uint8Array ? bytes : bytes.piece(0, MOST + 1)
  if (whole.length > MOST) throw refuse(name, `at most ${MOST} bytes for a browser`, 'more')
  return { name, text: decodeText(whole) }
}

/** The system's own way to open an address. That there is no browser is no fault: the address stands on standard output. */
function openInBrowser(address: string): void {
  const [program, ...words] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  const opened = spawn(program as string, [...words, address], { stdio: 'ignore', detached: true })
  opened.on('error', () => process.stderr.write('packetwalk: no browser was found; open the address yourself\n'))
  opened.unref()
}

function interrupted(served: Served): Promise<number> {
  return new Promise((resolve) => {
    const end = (): void => served.close(() => resolve(EXIT.ok))
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })
}
