import { parseCidr, parseIp, parseMac } from '../wire/index.ts'

/** What an answer is: it says how two of them are compared. */
export type AnswerKind =
  /** An IPv4 or IPv6 address; `fd00:0::1` is `fd00::1`. */
  | 'address'
  /** A range, such as `10.65.89.128/26`. */
  | 'prefix'
  /** An address and a port, such as `10.65.0.1:80`. */
  | 'endpoint'
  /** A MAC address. */
  | 'mac'
  /** A whole number: bytes, hops, TTL. */
  | 'number'
  /** The name of a device, a node, a pod, a policy, as the cluster writes it. */
  | 'name'
  /** One of the choices. */
  | 'choice'

/** What people write for an answer. */
export type Answer = string | number

const EXAMPLES: Readonly<Record<AnswerKind, string>> = {
  address: 'an address, such as 10.65.0.1',
  prefix: 'a range, such as 10.65.0.0/26',
  endpoint: 'an address and a port, such as 10.65.0.1:80',
  mac: 'a MAC address, such as 02:42:ac:11:00:02',
  number: 'a whole number',
  name: 'a name',
  choice: 'one of the choices',
}

/** What an answer of a kind looks like, with an example. */
export function exampleOf(kind: AnswerKind): string {
  return EXAMPLES[kind]
}

/** An answer in the one form that is compared; undefined when it is none of its kind. */
export function canonical(kind: AnswerKind, answer: Answer): string | undefined {
  const text = String(answer).trim()
  switch (kind) {
    case 'address':
      return parseIp(text)
    case 'prefix': {
      const range = parseCidr(text.includes('/') ? text : hostRange(text))
      return range === undefined ? undefined : `${range.address}/${range.length}`
    }
    case 'endpoint':
      return /^\S+:\d+$/.test(text) ? text : undefined
    case 'mac':
      return parseMac(text)
    case 'number':
      return /^\d+$/.test(text) ? String(Number(text)) : undefined
    case 'name':
    case 'choice':
      return text === '' ? undefined : text.toLowerCase()
  }
}

/** A single address as the range that holds it alone. */
function hostRange(text: string): string {
  return `${text}/${text.includes(':') ? 128 : 32}`
}
