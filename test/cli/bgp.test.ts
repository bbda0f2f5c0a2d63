// `packetwalk bgp`: the configuration of BIRD and how a prefix came, with exit statuses.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import { affinity, bgpDefault, kubeNode, pool } from '../support/bgp-objects.ts'
import { openCli } from './run.ts'

const cli = openCli()
const FILE = `${tmpdir()}/packetwalk-bgp-${process.pid}.json`
const OBJECTS = [
  kubeNode('alder', '192.0.2.10/24'),
  kubeNode('birch', '192.0.2.9/24'),
  pool('east', '10.77.0.0/16', { blockSize: 26 }),
  affinity('alder', '10.77.9.0/26'),
  bgpDefault({ prefixAdvertisements: [{ cidr: '10.77.0.0/16', communities: ['65000:7'] }] }),
]
writeFileSync(FILE, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS }))
afterAll(() => cli.close())
const bgp = (...args: string[]): ReturnType<typeof cli.run> => cli.run(['bgp', ...args, '-q', '-f', FILE])

describe('bgp', () => {
  it.each<[what: string, args: string[], status: number, stdout: RegExp, stderr: RegExp]>([
    ['the file of BIRD', ['config', '--node', 'alder'], 0, /protocol bgp Mesh_192_0_2_9 from bgp_template \{\n/, /^$/],
    ['the same of IPv6', ['config', '--node', 'alder', '-6'], 0, /# BGP is not spoken in IPv6\.\n/, /^$/],
    ['the configuration as JSON', ['config', '--node', 'alder', '-o', 'json'], 0, /"name": "Mesh_192_0_2_9"/, /^$/],
    [
      'how a block came',
      ['explain', '10.77.9.0/26', '--node', 'birch'],
      0,
      /^10\.77\.9\.0\/26 at birch: known, from alder, next hop 192\.0\.2\.10, .*communities 65000:7\n(.*\n)*to the kernel: accepted/,
      /^$/,
    ],
    [
      'that nobody has it',
      ['explain', '203.0.113.1', '--node', 'birch'],
      1,
      /: not known\nbrought into BGP by nobody\n/,
      /^$/,
    ],
    ['JSON of it', ['explain', '10.77.9.0/26', '--node', 'birch', '-o', 'json'], 0, /"origin": "alder"/, /^$/],
    ['no such node', ['config', '--node', 'aldr'], 2, /^$/, /did you mean "alder"\?/],
    ['no prefix', ['explain', '--node', 'birch'], 2, /^$/, /expected bgp explain PREFIX/],
    ['no prefix at all', ['explain', 'everything', '--node', 'birch'], 2, /^$/, /expected a prefix or an address/],
  ])('%s: %j is %i', (_, args, status, stdout, stderr) => {
    const run = bgp(...args)
    expect(run.status).toBe(status)
    expect(run.stdout).toMatch(stdout)
    expect(run.stderr).toMatch(stderr)
  })
})
