import { familyOf, hostPrefix, type Ip, type Prefix, parseCidr, parseIp, prefixOf } from '../../wire/index.ts'
import type { EndpointNat } from './endpoint-kind.ts'
import type { ConvertedPod } from './pod.ts'

const CNI = 'cni.projectcalico.org/'
const AWS_ADDRESSES = 'vpc.amazonaws.com/pod-ips'

/** Ends the conversion of a pod. */
export class PodRefused extends Error {}

/** A range, or an address for a range of its own; host bits cleared. */
function rangeOf(text: string): Prefix {
  const cidr = parseCidr(text)
  if (cidr !== undefined) return prefixOf(cidr.address, cidr.length)
  const address = parseIp(text)
  if (address === undefined) throw new PodRefused(`invalid CIDR address: ${text}`)
  return hostPrefix(address)
}

/** Where a pod's addresses are told: its status first, then annotations of Calico's plugin, then of Amazon's. */
function addressTexts({ metadata: { annotations = {} }, status = {} }: ConvertedPod): string[] {
  if (status.podIPs?.length) return status.podIPs.map(({ ip }) => ip ?? '')
  if (status.podIP) return [status.podIP]
  for (const name of [`${CNI}podIPs`, `${CNI}podIP`, AWS_ADDRESSES]) {
    const text = annotations[name]
    if (text) return name === `${CNI}podIP` ? [text] : text.split(',')
  }
  return []
}

/** Phases in which a pod has given its addresses back. */
const FINISHED: readonly (string | undefined)[] = ['Failed', 'Succeeded', 'Completed']

/** Whether a pod no longer has its addresses: the plugin tells it of one that ends by an empty annotation. */
function isFinished({ metadata: { annotations = {}, deletionTimestamp }, status = {} }: ConvertedPod): boolean {
  const isReleased = annotations[`${CNI}podIP`] === '' || annotations[AWS_ADDRESSES] === ''
  return (deletionTimestamp !== undefined && isReleased) || FINISHED.includes(status.phase)
}

/** The ranges of a pod, one an address. @calico libcalico-go/lib/backend/k8s/conversion getPodIPs */
export function podNetworks(pod: ConvertedPod): Prefix[] {
  const ranges = addressTexts(pod).map(rangeOf)
  return isFinished(pod) ? [] : ranges
}

/** Floating addresses, each for the pod's address of its family; of a pod without addresses there are none. */
export function floatingAddresses({ metadata }: ConvertedPod, networks: readonly Prefix[]): EndpointNat[] {
  const text = metadata.annotations?.[`${CNI}floatingIPs`]
  if (text === undefined || networks.length === 0) return []
  const wanted = textsIn(text)
  const own = new Map<4 | 6, Ip>()
  for (const network of networks) {
    const [address = '', length] = network.split('/') as [Ip, string]
    const family = familyOf(address as Ip)
    const bits = family === 4 ? 32 : 128
    if (Number(length) !== bits)
      throw new PodRefused(`PodIP ${network} is not a valid IPv${family}: Mask size is ${length}, not ${bits}`)
    own.set(family, address as Ip)
  }
  return wanted.flatMap((externalIP) => {
    const internalIP = own.get(externalIP.includes(':') ? 6 : 4)
    return internalIP === undefined ? [] : [{ internalIP, externalIP }]
  })
}

/** Ranges a pod may send under besides its own. */
export function spoofedSources({ metadata }: ConvertedPod): Prefix[] {
  const text = metadata.annotations?.[`${CNI}allowedSourcePrefixes`] ?? ''
  if (text === '') return []
  return textsIn(text).map((range) => {
    const cidr = parseCidr(range)
    if (cidr !== undefined) return prefixOf(cidr.address, cidr.length)
    throw new PodRefused(`failed to parse '${range}' as a CIDR: invalid CIDR address: ${range}`)
  })
}

/** A JSON list of texts; nothing in it is an empty one. */
function textsIn(text: string): string[] {
  const list = jsonOf(text)
  if (list === null) return []
  if (Array.isArray(list) && list.every((one) => one === null || typeof one === 'string'))
    return list.map((one) => one ?? '')
  throw new PodRefused(`failed to parse '${text}' as JSON: expected a list of texts`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PodRefused(`failed to parse '${text}' as JSON: it is none`)
  }
}
