import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'
import { demo, openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const TEXT = readFileSync(demo('ipip.yaml'), 'utf8')
const OTHER = TEXT.replace('ipipMode: Always', 'ipipMode: CrossSubnet').replace(
  'natOutgoing: true',
  'natOutgoing: false',
)

beforeAll(() => {
  cli.write('before.yaml', TEXT)
  cli.write('after.yaml', OTHER)
  cli.write('folder/all.yaml', OTHER)
  for (const [folder, text] of [
    ['dumps-before', TEXT],
    ['dumps-after', OTHER],
  ] as const)
    for (const [path, bytes] of Object.entries(simulatedDumps(Lab.load(text), ['controlplane', 'node01'])))
      cli.write(`${folder}/${path}`, bytes)
})

const diff = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['diff', '-q', '--no-reach', ...args])

describe('packetwalk diff A B', () => {
  it('prints nothing of a cluster and itself, with status 0', () => {
    expect(diff('before.yaml', 'before.yaml')).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('prints objects with their fields, and the state that follows with its cause, with status 1', () => {
    const run = diff('before.yaml', 'folder')
    expect(run.status).toBe(1)
    expect(run.stdout.split('\n').slice(0, 9)).toEqual([
      '1 object',
      '  ~ IPPool/default-ipv4-ippool  folder/all.yaml:56',
      '      spec.ipipMode: Always → CrossSubnet',
      '      spec.natOutgoing: true → false',
      '',
      '4 changes of state (2 nodes compared)',
      '  ~ route 192.168.196.128/26 via 172.17.0.40 dev tunl0 proto bird onlink → 192.168.196.128/26 via 172.17.0.40 dev ens3 proto bird  on controlplane',
      '      from IPPool/default-ipv4-ippool spec.ipipMode; derived from objects',
      '  ~ route 192.168.49.64/26 via 172.17.0.32 dev tunl0 proto bird onlink → 192.168.49.64/26 via 172.17.0.32 dev ens3 proto bird  on node01',
    ])
  })

  it('asks by packets who reaches whom and which way; --fail-on says what of that is bad', () => {
    const run = cli.run(['diff', '-q', 'before.yaml', 'after.yaml', '--fail-on', 'broken'])
    expect(run.status).toBe(1)
    expect(run.stdout).toMatch(/\n\d+ pairs reach each other otherwise\n/)
    expect(run.stdout).toMatch(
      / to 0\.0\.0\.0\/0, from IPPool\/default-ipv4-ippool\n {4}- .*: allowed → broken\n {8}now: /,
    )
    expect(run.stdout).toMatch(
      /\n {2}~ path: ipip by .* → direct by .*, from IPPool\/default-ipv4-ippool; derived from objects\n/,
    )
    expect(cli.run(['diff', '-q', 'before.yaml', 'after.yaml', '--fail-on', 'added']).status).toBe(0)
  })

  it('as Markdown of a length that a comment has', () => {
    const { stdout } = diff('before.yaml', 'after.yaml', '-o', 'md')
    expect(stdout).toMatch(/^### packetwalk: 1 object changed, 4 changes of state follow\n/)
    expect(stdout).toContain('  - `spec.ipipMode: Always → CrossSubnet`\n')
    expect(stdout.match(/<details/g)).toHaveLength(stdout.match(/<\/details>/g)!.length)
    expect(stdout.length).toBeLessThanOrEqual(65_536)
  })

  it('as SARIF, each object that changed at its line', () => {
    const log = JSON.parse(diff('before.yaml', 'after.yaml', '-o', 'sarif').stdout)
    expect(log.version).toBe('2.1.0')
    expect(log.runs[0].results).toMatchObject([
      {
        ruleId: 'object-changed',
        level: 'note',
        locations: [{ physicalLocation: { artifactLocation: { uri: 'after.yaml' }, region: { startLine: 63 } } }],
      },
    ])
  })

  it('as JSON; -j is the same', () => {
    const run = diff('before.yaml', 'after.yaml', '-o', 'json')
    expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'packetwalk.review/1', nodes: { compared: 2, all: 2 } })
    expect(diff('before.yaml', 'after.yaml', '-j').stdout).toBe(run.stdout)
  })

  it('of dumps: the same state, whose cause nobody knows', () => {
    const { status, stdout } = diff('dumps-before', 'dumps-after')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^4 changes of state/)
    expect(stdout).toContain('cause not known; computed from dumps')
    expect(diff('dumps-before', 'dumps-before')).toMatchObject({ status: 0 })
  })

  it.each([
    [['before.yaml'], 'expected two clusters, A and B'],
    [['before.yaml', 'after.yaml', '-f', 'before.yaml'], 'received A with -f or --dump'],
    [['before.yaml', 'dumps-after'], 'received objects and dumps'],
    [['-', '-'], 'received twice'],
    [['before.yaml', 'nowhere.yaml'], 'nowhere.yaml: no such file'],
  ])('%j is refused', (args, words) => {
    const run = diff(...args)
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining(words)])
  })

  it('one side is read from standard input', () => {
    expect(cli.run(['diff', '-q', 'before.yaml', '-'], OTHER).stdout).toContain('spec.ipipMode: Always → CrossSubnet')
  })
})
