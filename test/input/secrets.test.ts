import { describe, expect, it } from 'vitest'
import { buildCluster } from '../../src/control/index.ts'
import { collectScript } from '../../src/dumps/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { InputError } from '../../src/model/index.ts'

const SECRET = 'hunter2canary'

/** The paths at which the secret stands in a value. */
function found(value: unknown, path = '', seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return value.includes(SECRET) ? [path] : []
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return entries.flatMap(([key, item]) => found(item, `${path}.${String(key)}`, seen))
}

function messageOf(text: string): string {
  try {
    loadResources([{ name: 'given', text }])
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  throw new Error('it was taken')
}

const NODE = `apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{address: 10.0.0.1, type: InternalIP}]}
`

describe('a file given by mistake', () => {
  it.each([
    { name: 'an .env', text: `DB_PASSWORD=${SECRET}\nTOKEN=${SECRET}\n` },
    { name: 'a private key', text: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n` },
    { name: 'a single word', text: SECRET },
    { name: 'a list of words', text: `- ${SECRET}\n- ${SECRET}\n` },
    { name: 'a map without kind', text: `password: ${SECRET}\n` },
    { name: 'a JSON text', text: `"${SECRET}"` },
    { name: 'JSON without kind', text: `{"private_key": "${SECRET}"}` },
    { name: 'an alias that does not exist', text: `password: *${SECRET}\n` },
    { name: 'a tag that does not exist', text: `password: !${SECRET} x\n` },
    { name: 'a quote that does not end', text: `password: "${SECRET}\n` },
    { name: 'words behind a block scalar', text: `password: | ${SECRET}\n  x\n` },
    { name: 'a bracket too many', text: `password: ]${SECRET}\n` },
    { name: 'a directive', text: `%${SECRET} x\n---\na\n` },
    {
      name: 'a variable that is a number',
      text: `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node}\nspec: {template: {spec: {containers: [{name: c, env: [{name: PIN, value: 4711}]}]}}}`,
      secret: '4711',
    },
    {
      name: 'an annotation that is a number',
      text: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a, annotations: {pin: 4711}}\n',
      secret: '4711',
    },
    { name: 'an .ini', text: `[default]\naws_secret_access_key = ${SECRET}\n` },
  ])('is not repeated: $name', ({ text, secret = SECRET }) => {
    expect(messageOf(text)).not.toContain(secret)
  })

  it('is named by its sort and length', () => {
    expect(messageOf('x'.repeat(312))).toMatch(
      /expected a Kubernetes or Calico object, received a text of 312 characters/,
    )
  })
})

describe('what nothing reads is not kept', () => {
  it.each([
    {
      name: 'an annotation',
      text: `apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {kubectl.kubernetes.io/last-applied-configuration: ${SECRET}, projectcalico.org/metadata: ${SECRET}}}
spec: {nodeName: n1}
`,
    },
    {
      name: 'a variable of calico-node that Calico does not know',
      text: `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec: {template: {spec: {containers: [{name: calico-node, env: [{name: IP, value: autodetect}, {name: DB_PASSWORD, value: ${SECRET}}, {name: FELIX_ETCDPASSWORD, value: ${SECRET}}]}]}}}
`,
    },
    {
      name: 'a variable of another container',
      text: `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec: {template: {spec: {containers: [{name: calico-node}, {name: other, env: [{name: IP, value: ${SECRET}}]}]}}}
`,
    },
    {
      name: 'a variable of kube-controllers that nothing reads',
      text: `apiVersion: apps/v1
kind: Deployment
metadata: {name: calico-kube-controllers, namespace: kube-system}
spec: {template: {spec: {containers: [{name: calico-kube-controllers, env: [{name: ETCD_PASSWORD, value: ${SECRET}}]}, {name: other, env: [{name: AUTO_HOST_ENDPOINTS, value: ${SECRET}}]}]}}}
`,
    },
    {
      name: 'a Deployment of somebody else',
      text: `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, command: [${SECRET}], env: [{name: AUTO_HOST_ENDPOINTS, value: ${SECRET}}]}]}}}
`,
    },
  ])('$name', ({ text }) => {
    const { resources } = loadResources([{ name: 'given', text: `${NODE}---\n${text}` }])
    expect(found(resources)).toEqual([])
    expect(found(buildCluster(resources))).toEqual([])
  })

  it('but what is read is', () => {
    const text = `${NODE.replace('{name: n1}', '{name: n1, annotations: {projectcalico.org/ASNumber: "64999"}}')}`
    const { resources } = loadResources([{ name: 'given', text }])
    expect(resources.nodes[0]?.metadata.annotations).toEqual({ 'projectcalico.org/ASNumber': '64999' })
  })
})

describe('the script of collect', () => {
  it('keeps what it writes for its owner and leaves keys among the sysctls out', () => {
    const script = collectScript()
    expect(script).toContain('\numask 077\n')
    for (const line of script.split('\n').filter((one) => one.includes('keep sysctl.txt')))
      expect(line).toMatch(/grep -Ev "[^"]*_key\|secret/)
  })
})
