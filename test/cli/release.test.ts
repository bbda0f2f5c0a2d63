// Which release of Calico answers is known: the input says it, or whoever asks, or it is assumed and said.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCli } from './run.ts'

const cli = openCli()
afterAll(() => cli.close())

const NODES = ['n1', 'n2'].map((name, i) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: { 'projectcalico.org/IPv4Address': `192.0.2.${i + 1}/24` } },
}))
const POOL = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'IPPool',
  metadata: { name: 'east' },
  spec: { cidr: '10.77.0.0/24', ipipMode: 'Always' },
}
const PODS = ['n1', 'n2'].map((nodeName) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `on-${nodeName}` },
  spec: { nodeName },
}))
const RELEASE = {
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'ClusterInformation',
  metadata: { name: 'default' },
  spec: { calicoVersion: 'v3.30.2' },
}
const ASSUMED = "packetwalk: nothing tells Calico's release: v3.32.1 is assumed (--calico-version says another)\n"
/** The route of n1 to the block of n2. */
const block = (stdout: string): string => /^10\.77\.0\.\d+\/26 via .*$/m.exec(stdout)?.[0].trim() ?? stdout

describe('the release of a cluster', () => {
  beforeAll(() => {
    cli.write('silent.json', JSON.stringify([...NODES, POOL, ...PODS]))
    cli.write('says.json', JSON.stringify([...NODES, POOL, ...PODS, RELEASE]))
  })

  it.each([
    ['is assumed, and said, where nothing tells it', ['silent.json'], ASSUMED, /proto bird/],
    ['is that of the input', ['says.json'], '', /proto bird/],
    ['is that of --calico-version', ['silent.json', '--calico-version', 'v3.33'], '', /dev tunl0 proto 80 onlink/],
    ['is that of --calico-version before the input', ['says.json', '--calico-version', '3.34.0'], '', /proto 80/],
  ])('%s', (_what, args, stderr, route) => {
    const run = cli.run(['show', 'route', '--node', 'n1', '-f', ...args])
    expect([run.status, run.stderr]).toEqual([0, stderr])
    expect(block(run.stdout)).toMatch(route)
  })

  it('is refused where it is none', () => {
    const run = cli.run(['show', 'route', '-f', 'says.json', '--calico-version', 'newest'])
    expect(run.status).toBe(2)
    expect(run.stderr).toContain('expected a release of Calico, e.g. v3.29.1')
  })
})
