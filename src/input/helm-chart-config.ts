import type { PlaceOf } from '../control/index.ts'
import type { Issue } from '../model/index.ts'
import { embeddedYaml } from './embedded-yaml.ts'
import { objectIssue } from './judge.ts'
import { isMap, type RawObject, show } from './objects.ts'

type Values = Readonly<Record<string, unknown>>

/** RKE2's own pod range. */
const RKE2_RANGE = '10.42.0.0/16'

/**
 * What the chart rke2-calico installs where nothing else is said: a pool with VXLAN for each of the ranges that `global` names, RKE2's
 * pod range where it names none, and no BGP.
 */
function installationOf(global: unknown): Values {
  const ranges = isMap(global) ? [global['clusterCIDRv4'], global['clusterCIDRv6']] : []
  const named = ranges.filter((one) => typeof one === 'string' && one !== '')
  const ipPools = (named.length === 0 ? [RKE2_RANGE] : named).map((cidr) => ({
    cidr,
    encapsulation: 'VXLAN',
    natOutgoing: 'Enabled',
    nodeSelector: 'all()',
  }))
  return { calicoNetwork: { bgp: 'Disabled', ipPools } }
}

/** Values of rke2-calico that reach no packet by themselves. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['apiServer', 'certs', 'global', 'imagePullSecrets', 'calicoctl', 'tigeraOperator', 'rbac', 'dockerHub'],
  ...[
    'podAnnotations',
    'podLabels',
    'resources',
    'tolerations',
    'nodeSelector',
    'kubeletVolumePluginPath',
    'kubernetesServiceEndpoint',
  ],
])

/** Objects that a value of rke2-calico becomes, but for its name. */
const OBJECTS: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  installation: ['operator.tigera.io/v1', 'Installation'],
  felixConfiguration: ['crd.projectcalico.org/v1', 'FelixConfiguration'],
  defaultFelixConfiguration: ['crd.projectcalico.org/v1', 'FelixConfiguration'],
  bgpConfiguration: ['crd.projectcalico.org/v1', 'BGPConfiguration'],
  ipamConfig: ['crd.projectcalico.org/v1', 'IPAMConfig'],
}

/** Whether an object holds values for a chart of K3s or RKE2. */
export function isHelmChartConfig({ apiVersion, kind }: Pick<RawObject, 'apiVersion' | 'kind'>): boolean {
  return apiVersion === 'helm.cattle.io/v1' && (kind === 'HelmChartConfig' || kind === 'HelmChart')
}

/**
 * The objects that the chart rke2-calico makes of its values, with the line of each value. Other charts make none that
 * packetwalk reads.
 */
export function chartObjects(raw: RawObject, issues: Issue[]): RawObject[] {
  const { metadata, spec } = raw.value
  if (!isMap(metadata) || metadata['name'] !== 'rke2-calico') return []
  const text = isMap(spec) ? spec['valuesContent'] : undefined
  if (text === undefined || text === null) return [made(raw, 'installation', installationOf(undefined), raw.placeOf)]
  const path = ['spec', 'valuesContent']
  const documents = embeddedYaml(raw, path, text, issues)
  if (documents === undefined) return []
  const [document] = documents
  const values = document?.value ?? {}
  if (!isMap(values)) {
    issues.push(objectIssue(raw, 'invalid', path, 'a map of values', show(values)))
    return []
  }
  return objectsOfValues(raw, values, document?.placeOf ?? (() => raw.placeOf(path)), issues)
}

function objectsOfValues(raw: RawObject, values: Values, placeOf: PlaceOf, issues: Issue[]): RawObject[] {
  const found: RawObject[] = []
  for (const [key, value] of Object.entries({ installation: {}, ...values })) {
    if (Object.hasOwn(OBJECTS, key)) {
      if (!isMap(value)) issues.push({ ...objectIssue(raw, 'invalid', [key], 'a map', show(value)), ...placeOf([key]) })
      else
        found.push(
          made(raw, key, key === 'installation' ? merged(installationOf(values['global']), value) : value, placeOf),
        )
    } else if (!HARMLESS.has(key)) {
      const expected = `one of the values ${[...Object.keys(OBJECTS), ...HARMLESS].join(', ')}`
      issues.push({
        ...objectIssue(raw, 'unsupported', ['spec', 'valuesContent', key], expected, key),
        ...placeOf([key]),
      })
    }
  }
  return found
}

/** An object of a value. `enabled` is Helm's own. */
function made(raw: RawObject, key: string, values: Values, placeOf: PlaceOf): RawObject {
  const [apiVersion, kind] = OBJECTS[key]!
  const { enabled: _, ...spec } = values
  return {
    apiVersion,
    kind,
    value: { apiVersion, kind, metadata: { name: 'default' }, spec },
    file: raw.file,
    placeOf: (path) => {
      const inner = path[0] === 'spec' ? [key, ...path.slice(1)] : [key]
      return placeOf(inner) ?? placeOf(inner.slice(0, -1)) ?? raw.placeOf([])
    },
  }
}

/** Values over those of the chart, as Helm does it: maps are joined, lists and everything else replaced. */
function merged(base: Values, over: Values): Values {
  const joined: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const before = joined[key]
    joined[key] = isMap(before) && isMap(value) ? merged(before, value) : value
  }
  return joined
}
