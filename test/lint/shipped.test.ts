// What installers ship and what the examples describe is right: lint says nothing of it that is worse than worth knowing, but for what
// stands here with its reason.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { loadResources } from '../../src/input/index.ts'
import { type LintFinding, lint } from '../../src/lint/index.ts'

/** Nodes and pods, which manifests of installers have not. */
const CLUSTER = ['1', '2']
  .map(
    (n) => `---
apiVersion: v1
kind: Node
metadata: {name: n${n}}
status: {addresses: [{type: InternalIP, address: 10.0.0.1${n}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: p${n}, namespace: default}
spec: {nodeName: n${n}, containers: [{name: c}]}
`,
  )
  .join('')

/** What is found in them for good reason. */
const REASONS: Readonly<Record<string, string>> = {
  'ipam.yaml pool-blocks-all-taken': 'the example is about a pool that has no block left',
  'wireguard.yaml wireguard-partly': 'the example has a node without the kernel module',
  'refused-installation.yaml object-refused': 'the example is about an Installation that the operator refuses',
}

const MANIFESTS = 'test/fixtures/manifests/'
const EXAMPLES = ['examples/demo/', 'examples/components/']
const yamlIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const used = new Set<string>()

function worse(texts: readonly { readonly name: string; readonly text: string }[]): LintFinding[] {
  return lint(loadResources(texts)).findings.filter(({ severity }) => severity !== 'info')
}

function unexplained(file: string, findings: readonly LintFinding[]): string[] {
  return findings.flatMap(({ name, message }) => {
    const key = `${file} ${name}`
    if (!Object.hasOwn(REASONS, key)) return [`${key}: ${message}`]
    used.add(key)
    return []
  })
}

describe('lint is silent about', () => {
  it.each(yamlIn(MANIFESTS))('the manifest %s, alone and with a cluster', (file) => {
    const manifest = { name: file, text: readFileSync(MANIFESTS + file, 'utf8') }
    expect(unexplained(file, worse([manifest]))).toEqual([])
    expect(unexplained(file, worse([manifest, { name: 'cluster.yaml', text: CLUSTER }]))).toEqual([])
  })

  it.each(EXAMPLES.flatMap((folder) => yamlIn(folder).map((file) => [folder, file] as const)))(
    'the example %s%s',
    (folder, file) => {
      const text = readFileSync(folder + file, 'utf8')
      expect(unexplained(file, worse([{ name: file, text }]))).toEqual([])
    },
  )

  it('nothing else: every reason is needed', () => {
    expect([...used].sort()).toEqual(Object.keys(REASONS).sort())
  })

  afterAll(() => {
    const told = Object.entries(REASONS).map(([key, why]) => `  ${key}: ${why}`)
    console.log(
      `lint: ${yamlIn(MANIFESTS).length} manifests, ${EXAMPLES.flatMap(yamlIn).length} examples; found for good reason:\n${told.join('\n')}`,
    )
  })
})
