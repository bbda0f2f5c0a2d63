import { parseIp } from '../../wire/index.ts'
import { type Fact, form, NOTHING, type Reader } from './fact.ts'
import type { PastedLine } from './sections.ts'

function addressesIn(text: string): string[] {
  return text
    .split(/[,\s]+/)
    .map((word) => word.replace(/:\d+$/, ''))
    .filter((word) => parseIp(word) !== undefined || parseIp(word.replace(/^\[|\]$/g, '')) !== undefined)
}

const MORE = '(?:\\s+\\+\\s*\\d+ more\\.*)?'
/** A row of `kubectl get endpointslices`; with several namespaces, that comes first. */
const SLICE = new RegExp(`^(?:\\S+\\s+)?(?<name>\\S+)\\s+IPv[46]\\s+\\S+\\s+(?<all>\\S+)${MORE}\\s+\\S+$`)
/** A row of `kubectl get endpoints`, where its command or the heading of its table says that it is one. */
const LISTED = new RegExp(`^(?:\\S+\\s+)??(?<name>[a-z]\\S*)\\s+(?<all><none>|\\S*:\\d+\\S*)${MORE}\\s+\\S+$`)
/** The same by itself. */
const ROW = new RegExp(
  `^(?:\\S+\\s+)??(?<name>[a-z][a-z0-9.-]*)\\s+(?<all><none>|\\[?[0-9a-fA-F.:]+\\]?:\\d+(?:,\\S+)?)${MORE}\\s+(?:\\d+[smhdy])+$`,
)

function endpoints(text: string, { command }: PastedLine, before: string): Fact | undefined {
  const isListed =
    /\b(?:get|describe) (?:-\S+ (?:\S+ )?)*(?:ep|endpoints)\b/.test(command) || /\sENDPOINTS\s/.test(before)
  const found = [SLICE, ...(isListed ? [LISTED] : []), ROW].map((row) => row.exec(text)?.groups).find(Boolean)
  if (found === undefined) return undefined
  return { kind: 'endpoints', name: found['name'] ?? '', addresses: addressesIn(found['all'] ?? '') }
}

/** Lines of `kubectl describe`: a name, a colon, and what is of no interest here. */
const DESCRIBED =
  /^\s*(?:Name|Namespace|Labels|Annotations|Selector|Type|IP Family Policy|IP Families|IPs?|Port|TargetPort|NodePort|Session Affinity|Priority|Service Account|Start Time|Status|Controlled By|Containers|Container ID|Image|Image ID|Host Port|State|Started|Ready|Restart Count|Environment|Mounts|Conditions|Volumes|QoS Class|Node-Selectors|Tolerations|Events|Roles|CreationTimestamp|Taints|Unschedulable|Addresses|Capacity|Allocatable|System Info|Internal Traffic Policy|External Traffic Policy|LoadBalancer Ingress):(?:\s|$)/

/** Readers of what kubectl prints. */
export const RESOURCES: readonly Reader[] = [
  form(/^\s*Endpoints:\s+(?<all>\S*)/, ({ all = '' }) => ({
    kind: 'endpoints',
    name: '',
    addresses: addressesIn(all),
  })),
  endpoints,
  // Conditions of a node: `NetworkUnavailable True … CalicoIsDown`, `Ready False … container runtime network not ready`.
  form(/^\s*NetworkUnavailable\s+True\b/, () => ({ kind: 'event', failure: 'F87' })),
  form(/^\s*(?:NetworkUnavailable|MemoryPressure|DiskPressure|PIDPressure)\s+(?:False|Unknown)\b/, () => NOTHING),
  form(/^\s*Ready\s+(?:False|Unknown)\b.*(?:NetworkPluginNotReady|cni config uninitialized)/, () => ({
    kind: 'event',
    failure: 'F91',
  })),
  form(/stat \/var\/lib\/calico\/nodename: no such file/, () => ({ kind: 'event', failure: 'F87' })),
  form(/felix is not ready|felix is not live/i, () => ({ kind: 'event', failure: 'F87' })),
  form(DESCRIBED, () => NOTHING),
  form(/^\s*(?:Type\s+Reason|Type\s+Status|----)/, () => NOTHING),
  form(/^\s*Normal\s+\w+\s/, () => NOTHING),
]
