import { addressOfNode, type Cluster } from '../control/index.ts'
import { describeIssue, InputError } from '../model/index.ts'
import { refused } from './check-event.ts'
import type { LogEntry } from './log-entry.ts'
import { type RunningState, stateOfAway } from './running-state.ts'

/** Port of the API server as kubeadm sets it. */
const API_PORT = 6443

/** The address that clients know the API server by: that of the first node of the control plane. */
function apiAddress({ nodes }: Cluster): string {
  const isControl = ({ resource }: Cluster['nodes'][number]): boolean =>
    Object.keys(resource.metadata.labels ?? {}).some((label) =>
      /^node-role\.kubernetes\.io\/(control-plane|master)$/.test(label),
    )
  const node = nodes.find(isControl) ?? nodes[0]
  const address = node && (addressOfNode(node, 4) ?? addressOfNode(node, 6))?.address
  return address === undefined ? 'localhost' : address.includes(':') ? `[${address}]` : address
}

/** What kubectl says when nobody answers; undefined when the API server runs. */
export function apiRefusal(state: RunningState): string | undefined {
  const server = (): string => `${apiAddress(state.newest.cluster)}:${API_PORT}`
  switch (stateOfAway(state, 'api-server')) {
    case 'running':
    case 'starting':
      return undefined
    case 'stopped':
    case 'killed':
      return `The connection to the server ${server()} was refused - did you specify the right host or port?`
    case 'cut':
      return `Unable to connect to the server: dial tcp ${server()}: i/o timeout`
  }
}

/** Refuses to store anything without an API server. @throws InputError with what kubectl says */
export function checkApi(state: RunningState): void {
  const said = apiRefusal(state)
  if (said !== undefined) throw refused('invalid', ['api-server'], 'an API server that runs', said)
}

/** What the log says of an event that was refused when its time had come. */
export function refusedEntry(error: unknown, event: number, at: number): LogEntry {
  if (!(error instanceof InputError)) throw error
  const what = error.issues.map(describeIssue).join('; ')
  return { at, event, actor: 'user', op: 'replace', thing: 'object', what: `refused: ${what}` }
}
