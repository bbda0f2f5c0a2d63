// How the command ends when something outside of it does: Ctrl-C, a full disk, a closed pipe, a fault of its own.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFailure } from '../../src/cli/exit.ts'
import { InputError } from '../../src/model/index.ts'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const FILE = demo('ipip.yaml')
const PW = `${process.execPath} ${cli.program}`

/** A line of a POSIX shell in the folder. */
function sh(line: string): { readonly status: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd: cli.folder,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, out: stdout, err: stderr }
}

/** What stands in the folder besides what was put there. */
const debris = (): string[] => readdirSync(cli.folder).filter((name) => /tmp|^\./.test(name))

beforeAll(() => writeFileSync(join(cli.folder, 'in.yaml'), readFileSync(FILE)))

describe('a full disk', () => {
  it('under standard output is said, with status 2', () => {
    // The device is opened for writing by the shell; nothing is put in its place.
    const run = sh(`${PW} trace -q -f in.yaml >/dev/full`)
    expect(run).toEqual({ status: 2, out: '', err: 'packetwalk: standard output: no space left on device\n' })
  })

  it('under -w leaves the earlier file as it was, and nothing half', () => {
    expect(sh(`${PW} trace -q -f in.yaml -o html -w page.html`).status).toBe(0)
    const before = readFileSync(join(cli.folder, 'page.html'), 'utf8')
    // A limit on the size of files stands for a disk that is full at that point.
    const run = sh(`trap '' XFSZ; ulimit -f 4; ${PW} trace -q -f in.yaml -o html -w page.html`)
    expect([run.status, run.err]).toEqual([2, 'packetwalk: page.html: file too large\n'])
    expect(readFileSync(join(cli.folder, 'page.html'), 'utf8')).toBe(before)
    expect(debris()).toEqual([])
  })

  it('-w onto a pipe or a device is refused: it is never replaced', () => {
    const run = sh(`mkfifo pipe; ${PW} trace -q -f in.yaml -w pipe; code=$?; test -p pipe && exit $code`)
    expect([run.status, run.err]).toMatchObject([2, expect.stringContaining('received a device or a pipe')])
    expect(debris()).toEqual([])
  })
})

describe('a closed pipe', () => {
  it.each([
    `${PW} trace -q -f in.yaml -o html | head -c 10`,
    `${PW} show sysctl -q -f in.yaml --node node01 | head -n 1`,
    `${PW} shell -q -f in.yaml --transcript session.txt | head -n 1`,
  ])('is no fault: %s', (line) => {
    cli.write('session.txt', 'node01$ sysctl -a\n'.repeat(30))
    const run = sh(`${line} >/dev/null; exit "\${PIPESTATUS[0]}"`)
    expect([run.status, run.err]).toEqual([0, ''])
  })
})

describe('Ctrl-C', () => {
  /** Types lines into a session and interrupts it when the first has been answered. */
  function interrupted(lines: string): Promise<readonly [number | null, string | null]> {
    return new Promise((resolve) => {
      const args = [cli.program, 'shell', '-f', 'in.yaml']
      const child = spawn(process.execPath, args, { cwd: cli.folder })
      child.stdin.on('error', () => {})
      child.stdout.once('data', () => child.kill('SIGINT'))
      child.on('close', (status, signal) => resolve([status, signal]))
      child.stdin.write(lines)
    })
  }

  it.each([
    ['a session that waits for a line', 'hostname\n'],
    ['a session in the middle of long work', `hostname\n${'ping -c 200 172.17.0.40\n'.repeat(50)}`],
    ['a capture that is going on', `tcpdump -i ens3 -w x.pcapng &\n${'ping -c 200 172.17.0.40\n'.repeat(50)}`],
  ])('ends %s as signals do, and leaves nothing half', async (_what, lines) => {
    const [status, signal] = await interrupted(lines)
    expect(signal ?? status).toSatisfy((end) => end === 'SIGINT' || end === 130)
    expect(debris()).toEqual([])
    expect(existsSync(join(cli.folder, 'x.pcapng'))).toBe(false)
  })
})

describe('a fault of its own', () => {
  it('is one line without a stack, with status 70', () => {
    const said: string[] = []
    const odd = new TypeError(`a is no\nfunction \u001b[31m${'x'.repeat(5000)}`)
    expect(reportFailure(odd, (line) => said.push(line), '(help)')).toBe(70)
    expect(said).toEqual(['packetwalk: internal fault, please report it: TypeError: a is no'])
  })

  it.each([
    [
      'an error of the system about a file',
      { code: 'ENOENT', syscall: 'open', path: 'a.yaml' },
      2,
      'a.yaml: no such file or directory',
    ],
    [
      'an error of the system without a name',
      { code: 'EISDIR', syscall: 'read' },
      2,
      'a file: is a directory; expected a file',
    ],
    ['an error of the system that has no words here', { code: 'EMFILE', syscall: 'open', path: 'b' }, 2, 'b: EMFILE'],
    [
      'an error with a code that is not of the system',
      { code: 'ERR_X' },
      70,
      'internal fault, please report it: Error: oh',
    ],
    ['a call without a code', { syscall: 'open' }, 70, 'internal fault, please report it: Error: oh'],
  ])('is told from %s', (_what, fields, status, words) => {
    const said: string[] = []
    expect(reportFailure(Object.assign(new Error('oh'), fields), (line) => said.push(line))).toBe(status)
    expect(said).toEqual([`packetwalk: ${words}`])
  })

  it.each([
    ['', ['packetwalk: expected a, received b', '(help)']],
    ['a.yaml', ['packetwalk: a.yaml: expected a, received b']],
  ])('is none where the input is wrong; help belongs to words, not to a file: "%s"', (file, lines) => {
    const said: string[] = []
    const wrong = new InputError([{ kind: 'invalid', file, path: [], expected: 'a', received: 'b' }])
    expect(reportFailure(wrong, (line) => said.push(line), '(help)')).toBe(2)
    expect(said).toEqual(lines)
  })

  it('of what is thrown and is no error', () => {
    const said: string[] = []
    expect(reportFailure({ toString: null }, (line) => said.push(line))).toBe(70)
    expect(said).toHaveLength(1)
  })
})
