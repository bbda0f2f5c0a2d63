import type { PodResource } from '../../../control/index.ts'
import { addressOf, namespaceOf, phaseOf } from '../cells.ts'
import { listAt, shown, textAt } from '../object.ts'
import type { Seen } from '../seen.ts'
import { ownerOf } from '../workload.ts'
import {
  conditionLines,
  containerLines,
  eventLines,
  labelLines,
  nodeSelectorLines,
  optional,
  tolerationLines,
} from './parts.ts'

/** @kubernetes kubectl/pkg/describe/describe.go describePod */
export function podLines(seen: Seen, pod: PodResource): string[] {
  const { metadata, spec } = pod
  const status = shown(seen, pod, true)['status']
  const node = spec.nodeName
  const hostIp = textAt(status, 'hostIP')
  const ips = listAt(status, 'podIPs').flatMap((one) => textAt(one, 'ip') ?? [])
  const owner = ownerOf(pod)
  const address = addressOf(seen, pod)
  return [
    `Name:\t${metadata.name}`,
    `Namespace:\t${namespaceOf(pod)}`,
    'Priority:\t0',
    `Service Account:\t${spec.serviceAccountName ?? 'default'}`,
    `Node:\t${node === undefined ? '<none>' : hostIp === undefined ? node : `${node}/${hostIp}`}`,
    ...labelLines(pod),
    `Status:\t${metadata.deletionTimestamp === undefined ? phaseOf(pod) : 'Terminating'}`,
    ...(metadata.deletionTimestamp === undefined
      ? []
      : [`Termination Grace Period:\t${textAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? '30'}s`]),
    ...optional('Reason', textAt(status, 'reason')),
    ...optional('Message', textAt(status, 'message')),
    `IP:\t${address === '<none>' ? '' : address}`,
    ...(ips.length === 0 ? ['IPs:\t<none>'] : ['IPs:', ...ips.map((ip) => `  IP:\t${ip}`)]),
    ...(owner === undefined ? [] : [`Controlled By:\t${owner.kind}/${owner.name}`]),
    'Containers:',
    ...containerLines(spec.containers ?? [], '', false),
    ...conditionLines(pod, [
      ['Type', 'type'],
      ['Status', 'status'],
    ]),
    ...nodeSelectorLines(spec),
    ...tolerationLines(spec),
    ...eventLines(seen, pod),
  ]
}
