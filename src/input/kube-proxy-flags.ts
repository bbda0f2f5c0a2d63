import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import { objectIssue } from './judge.ts'
import { KUBE_PROXY_KIND, namedKubeProxyFile } from './kube-proxy-config.ts'
import { isMap, type RawObject } from './objects.ts'

type Path = readonly (string | number)[]

/** A flag of kube-proxy: the field it stands for, and what its text means. */
interface Flag {
  readonly field: readonly [string, string?]
  readonly read: (text: string) => unknown
}

const asText = (text: string): string => text
const asList = (text: string): string[] => text.split(',').map((part) => part.trim())
/** What is neither stays text: the field says what it takes. */
const asFlag = (text: string): unknown => ({ true: true, false: false })[text.toLowerCase()] ?? text
const asNumber = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text)

/** Flags that rules follow from. @kubernetes cmd/kube-proxy/app/options.go */
const FLAGS: Readonly<Record<string, Flag>> = {
  'proxy-mode': { field: ['mode'], read: asText },
  'cluster-cidr': { field: ['clusterCIDR'], read: asText },
  'detect-local-mode': { field: ['detectLocalMode'], read: asText },
  'pod-bridge-interface': { field: ['detectLocal', 'bridgeInterface'], read: asText },
  'pod-interface-name-prefix': { field: ['detectLocal', 'interfaceNamePrefix'], read: asText },
  'nodeport-addresses': { field: ['nodePortAddresses'], read: asList },
  'masquerade-all': { field: ['iptables', 'masqueradeAll'], read: asFlag },
  'iptables-masquerade-bit': { field: ['iptables', 'masqueradeBit'], read: asNumber },
  'iptables-localhost-nodeports': { field: ['iptables', 'localhostNodePorts'], read: asFlag },
  'iptables-sync-period': { field: ['iptables', 'syncPeriod'], read: asText },
  'conntrack-tcp-be-liberal': { field: ['conntrack', 'tcpBeLiberal'], read: asFlag },
}

/** A word of a command line, and where it stands. */
interface Word {
  readonly text: string
  readonly path: Path
}

function at(value: unknown, path: Path): unknown {
  return path.reduce((found: unknown, key) => (isMap(found) ? found[key] : undefined), value)
}

/** The container kube-proxy of a pod, or of the pods of a DaemonSet. */
function containerOf({ kind, value }: RawObject): { readonly container: unknown; readonly path: Path } | undefined {
  if (kind !== 'Pod' && kind !== 'DaemonSet') return undefined
  const path = kind === 'Pod' ? ['spec', 'containers'] : ['spec', 'template', 'spec', 'containers']
  const containers = at(value, path)
  const index = Array.isArray(containers) ? containers.findIndex((one) => at(one, ['name']) === 'kube-proxy') : -1
  return index < 0 ? undefined : { container: (containers as unknown[])[index], path: [...path, index] }
}

/** Whether an object runs kube-proxy. */
export function hasKubeProxy(raw: RawObject): boolean {
  return containerOf(raw) !== undefined
}

/** The command line of a container; a text that a shell reads is more than one word. */
function wordsOf(container: unknown, path: Path): readonly Word[] {
  return ['command', 'args'].flatMap((field) => {
    const list = at(container, [field])
    return (Array.isArray(list) ? list : []).flatMap((text, i): Word[] =>
      typeof text === 'string' ? text.split(/\s+/).map((word) => ({ text: word, path: [...path, field, i] })) : [],
    )
  })
}

/** What the flags of an object say; undefined for one without a command line, or whose settings come from a file. */
function settingsOf(raw: RawObject): RawObject | undefined {
  const found = containerOf(raw)
  const words = found === undefined ? [] : wordsOf(found.container, found.path)
  if (found === undefined || words.length === 0 || words.some(({ text }) => /^--config(=|$)/.test(text)))
    return undefined
  const value: Record<string, unknown> = {}
  const places = new Map<string, Path>()
  for (const [i, { text, path }] of words.entries()) {
    const [, name = '', given] = /^--([a-z-]+)(?:=(.*))?$/.exec(text) ?? []
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined
    if (flag === undefined) continue
    // A switch takes its value behind `=` only.
    const next = flag.read === asFlag ? 'true' : (words[i + 1]?.text ?? '')
    const [outer, inner] = flag.field
    const read = flag.read(given ?? next)
    value[outer] = inner === undefined ? read : { ...(value[outer] as object | undefined), [inner]: read }
    places.set(flag.field.join('.'), path)
  }
  const placeOf: PlaceOf = (path) => raw.placeOf(placed(places, path) ?? found.path)
  const apiVersion = 'kubeproxy.config.k8s.io/v1alpha1'
  return namedKubeProxyFile({ apiVersion, kind: KUBE_PROXY_KIND, value, file: raw.file, placeOf })
}

/**
 * The settings that kube-proxy is given as flags, as the object that would say the same: that of its DaemonSet, else of its first
 * pod. With `--config` all of them come from the file, and such flags are not looked at. Who differs is named.
 *
 * @kubernetes cmd/kube-proxy/app/options.go Complete
 */
export function kubeProxyFlags(objects: readonly RawObject[], warnings: Issue[]): RawObject[] {
  const inOrder = [...objects].sort((a, b) => Number(a.kind === 'Pod') - Number(b.kind === 'Pod'))
  const [first, ...others] = inOrder.map((raw) => ({ raw, made: settingsOf(raw) }))
  if (first === undefined) return []
  const differs = others.find(({ made }) => textOf(made) !== textOf(first.made))
  if (differs !== undefined) {
    const expected = 'the flags that kube-proxy has on other nodes: they are read once for all'
    warnings.push(objectIssue(differs.raw, 'invalid', ['spec'], expected, 'others'))
  }
  return first.made === undefined ? [] : [first.made]
}

function textOf(made: RawObject | undefined): string {
  return made === undefined ? '' : JSON.stringify(Object.entries(made.value).sort())
}

function placed(places: ReadonlyMap<string, Path>, path: Path): Path | undefined {
  return places.get(path.slice(0, 2).join('.')) ?? places.get(String(path[0]))
}
