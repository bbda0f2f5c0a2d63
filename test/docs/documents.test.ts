// What the documents say must be true: links lead somewhere, commands exist, TypeScript runs.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../support/source-files.ts'

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const scripts = Object.keys(
  (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> }).scripts,
)

const read = (file: string): string => readFileSync(ROOT + file, 'utf8')

/** The fenced blocks of a language. */
const blocks = (file: string, language: string): string[] =>
  [...read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((m) => m[1] ?? '')

/** Command lines of console blocks and of code in the text. */
const commands = (file: string): string[] => {
  const lines = blocks(file, 'console').flatMap((block) => block.split('\n'))
  const inline = [...read(file).matchAll(/`((?:npm |packetwalk |node )[^`]*)`/g)].map((m) => m[1] ?? '')
  return [...lines, ...inline].map((line) => line.replace(/\s+#.*$/, '').trim()).filter((line) => line !== '')
}

const packetwalk = (...args: string[]): string =>
  execFileSync(process.execPath, ['dist/packetwalk.mjs', ...args], { cwd: ROOT, encoding: 'utf8' })

const helps = new Map<string, string>()
/** What `--help` of a command says, asked once. */
const helpOf = (words: string): string => {
  const known = helps.get(words) ?? packetwalk(...words.split(' '), '--help')
  helps.set(words, known)
  return known
}

beforeAll(() => {
  execFileSync(process.execPath, ['tools/setup.mjs'], { cwd: ROOT, stdio: 'ignore' })
}, 240_000)

describe.each(DOCUMENTS)('%s', (file) => {
  it('has no dead relative link', () => {
    const targets = [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map((m) => m[1] ?? '')
    const dead = targets.filter((target) => !existsSync(join(ROOT, dirname(file), target)))
    expect(dead).toEqual([])
  })

  it('names npm scripts and files of tools/ that exist', () => {
    const missing = commands(file).flatMap((line) => {
      const script = /^npm (?:run (?:--silent )?)([\w:-]+)/.exec(line)?.[1]
      const tool = /^node (tools\/\S+)/.exec(line)?.[1]
      if (script !== undefined && !scripts.includes(script)) return [line]
      return tool !== undefined && !existsSync(ROOT + tool) ? [line] : []
    })
    expect(missing).toEqual([])
  })

  it('names commands and options of packetwalk that exist', () => {
    const unknown = commands(file).flatMap((line) => {
      const found = /^packetwalk ([a-z][\w-]*)(.*)$/.exec(line)
      if (found === null) return []
      const [, command = '', rest = ''] = found
      const within = /^ ([a-z][a-z-]*)(?: |$)/.exec(rest)?.[1]
      const words = within === undefined ? [command] : [command, within]
      const help = command === 'completion' ? '' : helpOf(words.join(' '))
      const options = [...rest.matchAll(/(?:^|\s)(--?[a-z][\w-]*)/g)].map((m) => m[1] ?? '')
      return options
        .filter((o) => !new RegExp(`(^|[\\s,])${o}\\b`).test(help) && !/^-v+$/.test(o))
        .map((o) => `${line}: ${o}`)
    })
    expect(unknown).toEqual([])
  })
})

describe('TypeScript in documents', () => {
  const snippets = DOCUMENTS.flatMap((file) => blocks(file, 'ts').map((code, i) => [`${file} ${i + 1}`, code] as const))
  const scratch = join(ROOT, `.packetwalk/docs-${process.pid}`)

  it.each(snippets)('%s runs', (_name, code) => {
    mkdirSync(scratch, { recursive: true })
    const path = join(scratch, 'snippet.ts')
    writeFileSync(path, code)
    try {
      const printed = execFileSync(process.execPath, ['--import', 'tsx', path], { cwd: ROOT, encoding: 'utf8' })
      expect(printed).not.toBe('')
    } finally {
      rmSync(scratch, { recursive: true })
    }
  })

  it('shows in the README what the command really prints', () => {
    const [shown = ''] = blocks('README.md', 'text')
    const dropped = new Set(['…', ''])
    const args = ['-f', 'examples/demo/ipip.yaml']
    const from = 'default/busybox-deployment-8c7dc8548-x6ljh'
    const printed = packetwalk('trace', ...args, '--from', from, '--to', 'default/busybox-deployment-8c7dc8548-btnkv')
    const real = new Set(printed.split('\n').map((line) => line.trim()))
    expect(
      shown
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => !dropped.has(line) && !real.has(line)),
    ).toEqual([])
  })
})
