import { type Family, type Mac, toHex } from '../wire/index.ts'
import { sha1, sha1Into } from './sha1.ts'

/** Host ends of pod veths are called after their pod: room for the prefix and 11 hex digits. */
const HASH_DIGITS = 11

/**
 * The name of the host end of a pod's veth: prefix and the first digits of a hash over namespace and pod name. The same
 * on any node and for every incarnation of the pod.
 *
 * @calico libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go
 */
export function hostInterfaceName(prefix: string, namespace: string, pod: string): string {
  return prefix + toHex(podDigest(namespace, pod).subarray(0, 6)).slice(0, HASH_DIGITS)
}

const digest = new Uint8Array(20)

/** SHA-1 over `<namespace>.<pod>`; good until the next call. */
export function podDigest(namespace: string, pod: string): Uint8Array {
  sha1Into(digest, `${namespace}.${pod}`)
  return digest
}

/**
 * MAC address of a node's VXLAN device: 66 and the first five bytes of SHA-1 over the node's name (IPv6: name and `-v6`).
 *
 * @calico felix/dataplane/linux/vxlan_mgr.go
 */
export function vtepMac(node: string, family: Family): Mac {
  const bytes = sha1(family === 4 ? node : `${node}-v6`).subarray(0, 5)
  return `66:${toHex(bytes, ':')}` as Mac
}

/** One segment of a WorkloadEndpoint name: dashes doubled. */
function segment(text: string): string {
  return text.replaceAll('-', '--')
}

/** The name of a WorkloadEndpoint: `node1-k8s-my--pod-eth0`. @calico libcalico-go/lib/names/workloadendpoint.go */
export function workloadEndpointName(node: string, pod: string, endpoint = 'eth0'): string {
  return `${segment(node)}-k8s-${segment(pod)}-${segment(endpoint)}`
}
