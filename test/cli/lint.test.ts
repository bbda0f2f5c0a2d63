import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { faultsOfSarif } from '../support/sarif.ts'
import { simulatedDumps } from '../support/simulated-dumps.ts'
import { demo, openCli, VERSION } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const pool = (name: string, cidr: string, annotations = ''): string =>
  `apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: ${name}${annotations}}\nspec: {cidr: ${cidr}, natOutgoing: true}\n---\n`
const lone = 'kind: BGPFilter\napiVersion: projectcalico.org/v3\nmetadata: {name: f}\nspec: {}\n'

beforeAll(() => {
  cli.write('right.yaml', pool('p', '10.70.0.0/16'))
  cli.write('info.yaml', pool('p', '10.70.0.0/16') + lone)
  cli.write('wrong.yaml', pool('p', '10.70.0.0/16') + pool('q', '10.70.1.0/24'))
  cli.write(
    'known.yaml',
    pool('p', '10.70.0.0/16') + pool('q', '10.70.1.0/24', ", annotations: {packetwalk/lint-ignore: 'pools-overlap'}"),
  )
  cli.write(
    'broken.yaml',
    'kind: IPPool\napiVersion: projectcalico.org/v3\nmetadata: {name: p}\nspec: {cidr: 10.70.1.0/16}\n',
  )
})

const lint = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['lint', ...args])

describe('packetwalk lint', () => {
  it.each([
    ['nothing that counts', ['-f', 'right.yaml'], 0],
    ['something to know, which does not count', ['-f', 'info.yaml'], 0],
    ['something to know, which is to count', ['-f', 'info.yaml', '--fail-on', 'info'], 1],
    ['an error', ['-f', 'wrong.yaml'], 1],
    ['an error that an object knows of', ['-f', 'known.yaml'], 0],
    ['input that is wrong', ['-f', 'broken.yaml'], 2],
    ['no input', [], 2],
    ['a file that there is not', ['-f', 'nowhere.yaml'], 2],
    ['a severity that there is not', ['-f', 'right.yaml', '--fail-on', 'bad'], 2],
  ])('%s: status', (_what, args, status) => {
    expect(lint(...args).status).toBe(status)
  })

  it('tells name, place, objects, why, how, and how many there are', () => {
    expect(lint('-f', 'wrong.yaml', '-q').stdout).toBe(
      [
        'error pools-overlap  wrong.yaml:4  IPPool/p, IPPool/q',
        '  10.70.0.0/16 and 10.70.1.0/24 overlap',
        '  why: Calico refuses the second pool, or gives one address to two pods',
        '  fix: give each pool a range of its own',
        '',
        '1 error, 0 warnings, 0 to know',
        '',
      ].join('\n'),
    )
  })

  it('counts what is suppressed, and tells it when asked', () => {
    const run = lint('-f', 'known.yaml', '-q')
    expect(run.stdout).toBe('0 errors, 0 warnings, 0 to know, 1 suppressed\n')
    expect(lint('-f', 'known.yaml', '-q', '--suppressed').stdout).toContain('suppressed error pools-overlap')
    const { suppressed, counts } = JSON.parse(lint('-f', 'known.yaml', '-o', 'json', '--suppressed').stdout)
    expect([suppressed[0].by, counts.suppressed]).toEqual(['IPPool/q', 1])
  })

  it('writes JSON with all of a finding', () => {
    const { findings, counts } = JSON.parse(lint('-f', 'wrong.yaml', '-o', 'json').stdout)
    const [first] = findings
    expect(Object.keys(first)).toEqual([
      'name',
      'severity',
      'objects',
      'places',
      'message',
      'why',
      'fix',
      'certainty',
      'assumed',
    ])
    expect(first.places[0]).toMatchObject({ file: 'wrong.yaml', line: 4 })
    expect(counts.error).toBe(1)
  })

  it('writes SARIF with every rule, results at their lines, and suppressions', () => {
    const log = JSON.parse(lint('-f', 'known.yaml', '-f', 'info.yaml', '-o', 'sarif').stdout)
    expect(faultsOfSarif(log)).toEqual([])
    const [{ tool, results }] = log.runs
    expect(tool.driver).toMatchObject({ name: 'packetwalk lint', version: VERSION })
    const overlap = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'pools-overlap')
    expect(overlap.suppressions).toHaveLength(1)
    expect(overlap.properties.certainty).toBe('derived')
  })

  it('explains a finding by its name, its alias and a failure, and tells the name that was meant', () => {
    expect(lint('--explain', 'pools-overlap').stdout).toContain('pools-overlap (error): two pools share addresses')
    expect(lint('--explain', 'DUP_POD_IP').stdout).toContain('pods-share-address (error)')
    expect(JSON.parse(lint('--explain', 'F60', '-o', 'json').stdout)).toMatchObject([{ name: 'dns-not-allowed' }])
    const wrong = lint('--explain', 'pool-overlap')
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean "pools-overlap"?')])
  })

  it('finds in dumps what no object says', () => {
    const lab = Lab.load(readFileSync(demo('ipip.yaml'), 'utf8'))
    const off = (text: string, path: string): string =>
      path === 'controlplane/sysctl.txt' ? text.replace(/^(net\.ipv4\.ip_forward) = 1$/m, '$1 = 0') : text
    for (const [path, bytes] of Object.entries(simulatedDumps(lab, ['controlplane'], off))) {
      mkdirSync(join(cli.folder, 'dumps', path, '..'), { recursive: true })
      cli.write(`dumps/${path}`, bytes)
    }
    expect(lint('-q', '-f', demo('ipip.yaml')).status).toBe(0)
    const run = lint('-q', '-f', demo('ipip.yaml'), '--dump', 'dumps')
    expect(run.stdout).toContain('error forwarding-off')
    expect(run.status).toBe(1)
  })
})
