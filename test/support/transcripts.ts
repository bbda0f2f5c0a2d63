import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Lab } from '../../src/lab/index.ts'
import { runTranscript, Shell } from '../../src/shell/index.ts'

const ROOT = new URL('../../', import.meta.url).pathname

/** A session: which cluster it is of, and what was typed and printed. */
export interface Session {
  /** What it shows, in a sentence. */
  readonly title: string
  /** Files of objects, by their paths in the repository or in `clusters/`. */
  readonly cluster: readonly string[]
  /** How long programs take to follow what is stored. */
  readonly delays: 'instant' | 'calico'
  /** Prompts, commands and output. */
  readonly text: string
}

/** Reads a file: `# TITLE`, `cluster: FILE…`, maybe `delays: calico`, a line of dashes, the session. */
export function readSession(file: string): Session {
  const [head = '', ...rest] = file.split(/^---\n/m)
  const title = /^# (.*)$/m.exec(head)?.[1] ?? ''
  const cluster = /^cluster: (.*)$/m.exec(head)?.[1] ?? ''
  const delays = /^delays: calico$/m.test(head) ? 'calico' : 'instant'
  return { delays, title, cluster: cluster.split(/\s+/).filter((one) => one !== ''), text: rest.join('---\n') }
}

/** Runs a session and gives what is printed; files of `files/`, and manifests of Calico, lie beside the user. */
export function openSession(folder: string, { cluster, delays, text }: Session): string {
  const inputs = cluster.map((name) => {
    const own = join(folder, 'clusters', name)
    return { name, text: readFileSync(existsSync(own) ? own : join(ROOT, name), 'utf8') }
  })
  const lab = Lab.load(inputs, { delays })
  const real = {
    read: (path: string): string | undefined => {
      const places = [join(folder, 'files', path), join(ROOT, 'test/fixtures/manifests', path)]
      const full = places.find((one) => existsSync(one) && !isFolder(one))
      return full === undefined ? undefined : readFileSync(full, 'utf8')
    },
    list: (path: string): readonly string[] | undefined => {
      const full = join(folder, 'files', path)
      return isFolder(full) ? readdirSync(full).sort() : undefined
    },
  }
  return runTranscript(new Shell(lab, undefined, real), text)
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}

/** Lines with one blank where there are many, empty ones left out. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
}

function fits(expected: string, actual: string): boolean {
  const parts = expected.split('<any>').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(actual)
}

/** The first line that is not as expected; empty when all are. */
export function firstDifference(expected: string, actual: string): string {
  const [wanted, lines] = [linesOf(expected), linesOf(actual)]
  for (let i = 0; i < Math.max(wanted.length, lines.length); i++) {
    const [a = '', b = ''] = [wanted[i], lines[i]]
    if (!fits(a, b)) return `line ${i + 1}: expected ${JSON.stringify(a)}, got ${JSON.stringify(b)}`
  }
  return ''
}
