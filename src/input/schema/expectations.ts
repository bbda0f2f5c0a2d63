import * as v from 'valibot'
import { isSelectorFault, parseSelector } from '../../control/index.ts'
import { nearestWord } from '../../model/index.ts'
import { parseIp } from '../../wire/index.ts'
import { oneOf, type Shape, text, whole } from './fields.ts'

/** What a map must be, with the field that may have been meant. */
function fieldsOf(what: string, entries: v.ObjectEntries) {
  const names = Object.keys(entries)
  const all = `${what}: ${names.join(', ')}`
  return v.strictObject(entries, ({ input, expected }) => {
    const meant = expected === 'never' && typeof input === 'string' ? nearestWord(input, names) : undefined
    return meant === undefined ? all : `${all} (did you mean ${meant}?)`
  })
}

const SELECTOR = "a selector of Calico, e.g. app == 'web'"
const selector = v.pipe(
  v.string(SELECTOR),
  v.check((written) => !isSelectorFault(parseSelector(written)), SELECTOR),
)

const podsOf = fieldsOf('pods by selectors', {
  pods: v.optional(selector),
  namespace: v.optional(text),
  namespaces: v.optional(selector),
})
const nodesOf = fieldsOf('nodes by a selector', { nodes: selector })

/** A name, or what selects ends. */
const end = v.lazy((given) => {
  if (typeof given !== 'object' || given === null) return text
  return 'nodes' in given ? nodesOf : podsOf
})

const PORT = 'a port, by number or name, e.g. 5432, 53/udp or http'
const port = v.lazy((given) => (typeof given === 'number' ? whole(1, 65535, 'a port') : v.string(PORT)))

const BOUND = 'a number, or a bound such as ">= 1400"'
const bound = v.lazy((given) =>
  typeof given === 'number'
    ? whole(0, 65535, 'a number')
    : v.pipe(v.string(BOUND), v.regex(/^(>=|<=|==) ?\d{1,5}$/, BOUND)),
)

const SNAT = 'none, node, tunnel, or the address that the other end sees'
const snat = v.pipe(
  v.string(SNAT),
  v.check((word) => ['none', 'node', 'tunnel'].includes(word) || parseIp(word) !== undefined, SNAT),
)

const STATIONS = 'a node, a tunnel or a gateway, or a list of them'
const via = v.lazy((given) => (Array.isArray(given) ? v.array(text, STATIONS) : v.string(STATIONS)))

/** What may hold of a flow. */
const OF_FLOW = {
  expect: v.optional(oneOf(['allow', 'deny', 'broken', 'undecided'])),
  by: v.optional(text),
  via: v.optional(via),
  snat: v.optional(snat),
  path: v.optional(oneOf(['same-node', 'direct', 'ipip', 'vxlan', 'wireguard'])),
  mtu: v.optional(bound),
}

const expectation = v.pipe(
  fieldsOf('an expectation', {
    name: v.optional(text),
    namespace: v.optional(text),
    from: v.optional(end),
    to: end,
    port: v.optional(port),
    size: v.optional(whole(0, 65507, 'bytes')),
    ...OF_FLOW,
    count: v.optional(bound),
  }),
  v.check(
    (one) => one['from'] !== undefined || one['count'] !== undefined,
    'from, or the count of endpoints of a Service',
  ),
  v.check(
    (one) => one['from'] !== undefined || ['size', ...Object.keys(OF_FLOW)].every((field) => !(field in one)),
    'from: the other fields are about a flow',
  ),
)

/** A failure that is brought about before what stands behind it. */
const injection = fieldsOf('an injection', { inject: text, at: v.optional(text) })

const entry = v.lazy((given) =>
  typeof given === 'object' && given !== null && 'inject' in given ? injection : expectation,
)

/** Expectations, our own kind: an unknown field is an error. */
export const expectations: Shape = v.object({
  spec: fieldsOf('a spec', {
    namespace: v.optional(text),
    expectations: v.array(entry, 'a list of expectations'),
  }),
})
