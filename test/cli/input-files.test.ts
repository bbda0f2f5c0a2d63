// Files of `-f` that are too long to be read at once: from the disk piece by piece, out of a pipe, out of archives. What is said of
// them is the same, with the same places.
import { gzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { encodeUtf8 } from '../../src/wire/index.ts'
import { packTar } from '../../tools/tar.mjs'
import { type Cli, openCli } from './run.ts'

const NODE = 'node-0'
/** What no reader of objects looks at, longer than what is looked at together. */
const APPLIED = 'x"\\\n'.repeat(300_000)

const pod = (index: number, podIP: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': APPLIED },
    name: `web-${index}`,
    namespace: 'default',
  },
  spec: { nodeName: NODE },
  status: { phase: 'Running', podIP },
})
const settings = [
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: 'pool' },
    spec: { cidr: '10.64.0.0/16', ipipMode: 'Always' },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE, annotations: { 'projectcalico.org/IPv4Address': '172.16.0.2/16' } },
    status: { addresses: [{ type: 'InternalIP', address: '172.16.0.2' }] },
  },
]
const list = (last: string): object => {
  const pods = Array.from({ length: 9 }, (_, i) => pod(i, `10.64.0.${i + 1}`))
  return { apiVersion: 'v1', items: [...settings, ...pods, pod(9, last)], kind: 'List' }
}
const RIGHT = JSON.stringify(list('10.64.0.10'), null, 4)
const WRONG = JSON.stringify(list('10.64.0.300'), null, 4)
const TRACE = ['trace', '-q', '--from', 'web-0', '--to', 'web-9', '-o', 'json']

let cli: Cli
beforeAll(() => {
  cli = openCli()
})
afterAll(() => cli.close())

describe('a file longer than is read at once', () => {
  it('is longer than that', () => {
    expect(RIGHT.length).toBeGreaterThan(16 * 1024 * 1024)
  })

  it('gives the same out of a file, a pipe and archives', () => {
    const bytes = encodeUtf8(RIGHT)
    cli.write('a.json', bytes)
    cli.write('a.yaml', stringify(list('10.64.0.10'), { aliasDuplicateObjects: false, indentSeq: false }))
    cli.write('a.json.gz', gzipSync(bytes, { level: 1 }))
    cli.write('a.tar', new Uint8Array(packTar(new Map([['in/a.json', bytes]]))))
    cli.write('a.zip', zipSync({ 'a.json': bytes }, { level: 1 }))
    const { stdout, status } = cli.run([...TRACE, '-f', 'a.json'])
    expect(status).toBe(0)
    for (const file of ['a.json.gz', 'a.tar', 'a.zip'])
      expect(cli.run([...TRACE, '-f', file]).stdout.replaceAll(file, 'a.json')).toBe(stdout)
    expect(cli.run([...TRACE, '-f', '-'], RIGHT).stdout.replaceAll('"-"', '"a.json"')).toBe(stdout)
    expect(cli.run([...TRACE, '-f', 'a.yaml']).status).toBe(0)
  })

  it('has its faults where they are, out of each', () => {
    cli.write('b.json', WRONG)
    cli.write('b.json.gz', gzipSync(encodeUtf8(WRONG), { level: 1 }))
    const line = WRONG.slice(0, WRONG.indexOf('10.64.0.300')).split('\n').length
    const said = (name: string): RegExp =>
      new RegExp(`^packetwalk: ${name}:${line}:\\d+: Pod/default/web-9 status.podIP: expected`)
    expect(cli.run([...TRACE, '-f', 'b.json']).stderr).toMatch(said('b.json'))
    expect(cli.run([...TRACE, '-f', 'b.json.gz']).stderr).toMatch(said('b.json.gz'))
    expect(cli.run([...TRACE, '-f', '-'], WRONG).stderr).toMatch(said('-'))
  })
})
