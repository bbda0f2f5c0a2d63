import type { InputText } from '../input/index.ts'
import type { Ground, Machine } from './ground.ts'

/** YAML documents as one file, each behind its comment. */
export function fileOf(name: string, documents: readonly string[]): InputText {
  return { name, text: `${documents.map((one) => one.trimEnd()).join('\n---\n')}\n` }
}

/** Lines of a comment above an object. */
function commented(comment: string | undefined, text: string): string {
  if (comment === undefined) return text
  return `${comment
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n')}\n${text}`
}

/** A machine of the cluster. */
export function nodeText({ name, address, address6 }: Machine, families: 4 | 6 | 46 = 4, comment?: string): string {
  const all = families === 46 ? [address, address6] : [families === 4 ? address : address6]
  const addresses = all.map((one) => `{type: InternalIP, address: "${one}"}`).join(', ')
  return commented(
    comment,
    `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\nstatus: {addresses: [${addresses}]}`,
  )
}

/** What may be said of a pod besides its name and node. */
export interface PodWords {
  /** Namespace; absent = default. */
  readonly namespace?: string
  /** Labels, as YAML within braces. */
  readonly labels?: string
  /** Further fields of the spec, as YAML within braces. */
  readonly spec?: string
  /** Annotations, as YAML within braces. */
  readonly annotations?: string
  /** What is said above it. */
  readonly comment?: string
}

/** A pod. */
export function podText(name: string, node: string, words: PodWords = {}): string {
  const metadata = [
    `name: ${name}`,
    ...(words.namespace === undefined ? [] : [`namespace: ${words.namespace}`]),
    ...(words.labels === undefined ? [] : [`labels: {${words.labels}}`]),
    ...(words.annotations === undefined ? [] : [`annotations: {${words.annotations}}`]),
  ]
  const spec = [`nodeName: ${node}`, ...(words.spec === undefined ? [] : [words.spec])]
  return commented(
    words.comment,
    `apiVersion: v1\nkind: Pod\nmetadata: {${metadata.join(', ')}}\nspec: {${spec.join(', ')}}`,
  )
}

/** Where pods get their addresses from. */
export function poolText(cidr: string, spec: string, comment?: string, name = 'pods'): string {
  return commented(
    comment,
    `apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: ${name}}\nspec: {cidr: "${cidr}", ${spec}}`,
  )
}

/** Any object. */
export function objectText(
  kind: readonly [apiVersion: string, kind: string],
  metadata: string,
  spec: string,
  comment?: string,
): string {
  return commented(comment, `apiVersion: ${kind[0]}\nkind: ${kind[1]}\nmetadata: {${metadata}}\nspec: {${spec}}`)
}

/** A machine outside the cluster, behind a router: Kubernetes does not know it, so the wires are written down. */
export function outsideText(
  { lan, gateway, farLan, farGateway }: Pick<Ground, 'lan' | 'gateway' | 'farLan' | 'farGateway'>,
  nodes: readonly Machine[],
  host: Machine,
): string {
  const machine = (one: Machine, segment: string): string =>
    `  - {name: ${one.name}, interfaces: [{name: eth0, segment: ${segment}, address: ${one.address}/24}]}`
  return `# The wires, which Kubernetes objects do not describe: a machine outside the cluster, behind a router.
apiVersion: packetwalk/v1
kind: Underlay
metadata: {name: wires}
spec:
  segments:
  - {name: lan, cidr: ${lan}, gateway: ${gateway}}
  - {name: dmz, cidr: ${farLan}, gateway: ${farGateway}}
  nodes:
${[...nodes.map((one) => machine(one, 'lan')), machine(host, 'dmz')].join('\n')}
  routers:
  - name: router
    interfaces:
    - {name: lan, segment: lan, address: ${gateway}/24}
    - {name: dmz, segment: dmz, address: ${farGateway}/24}`
}

/** One Ethernet with its machines, and what is said of it besides. */
export function lanText(
  { lan, gateway }: Pick<Ground, 'lan' | 'gateway'>,
  nodes: readonly Machine[],
  more: string,
  comment?: string,
): string {
  const machine = ({ name, address }: Machine): string =>
    `  - {name: ${name}, interfaces: [{name: eth0, segment: lan, address: ${address}/24, mtu: 1500}]}`
  return commented(
    comment,
    `apiVersion: packetwalk/v1
kind: Underlay
metadata: {name: wires}
spec:
  segments:
  - {name: lan, cidr: ${lan}, gateway: ${gateway}${more}}
  nodes:
${nodes.map(machine).join('\n')}`,
  )
}
