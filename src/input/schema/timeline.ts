import * as v from 'valibot'
import { flag, oneOf, type Shape, text, whole } from './fields.ts'

const DURATION = 'a duration with its unit, e.g. 100ms, 10s, 2m or 1m30s'
const duration = v.pipe(v.string(DURATION), v.regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, DURATION))

const agents = [
  'felix',
  'bird',
  'confd',
  'kube-proxy',
  'kubelet',
  'api-server',
  'typha',
  'scheduler',
  'kube-controller-manager',
  'calico-kube-controllers',
]

const reference = v.strictObject(
  { kind: text, name: text, namespace: v.optional(text), apiVersion: v.optional(text) },
  'an object: kind, name, namespace',
)

const FORCED = 'no gracePeriodSeconds, or 0, with force: true'
const deletion = v.pipe(
  v.strictObject(
    { ...reference.entries, gracePeriodSeconds: v.optional(whole(0, 1e9, 'seconds')), force: v.optional(flag) },
    'an object: kind, name, namespace, and how it goes: gracePeriodSeconds, force',
  ),
  v.check(({ gracePeriodSeconds = 0, force }) => force !== true || gracePeriodSeconds === 0, FORCED),
)

const agent = v.strictObject(
  {
    name: oneOf(agents),
    node: v.optional(text),
    action: oneOf(['stop', 'kill', 'start', 'restart', 'cut', 'heal']),
  },
  'a program: name, node, action',
)

const machine = v.strictObject(
  { node: text, action: oneOf(['shutdown', 'crash', 'start', 'reboot']) },
  'a machine: node, action',
)

const patch = v.strictObject(
  {
    kind: text,
    name: text,
    namespace: v.optional(text),
    with: v.record(v.string(), v.unknown(), 'the fields that change, as a merge patch'),
  },
  'a patch: kind, name, namespace, with',
)

const RUN = 'a line behind the prompt of a host, e.g. node01$ ip link set eth0 down'
const ACTIONS = 'apply, delete, patch, agent, machine, run or inject'
const INJECT = 'a failure: F15, or { failure: F15, at: node01 }'

/** What happens: one action an event. */
const event = v.pipe(
  v.strictObject(
    {
      at: duration,
      title: v.optional(text),
      apply: v.optional(
        v.union(
          [v.string(), v.array(v.record(v.string(), v.unknown())), v.strictObject({ file: text }, 'a file: file')],
          'objects: a list, YAML as text, or { file: NAME }',
        ),
      ),
      delete: v.optional(v.array(deletion, 'a list of objects: kind, name, namespace')),
      patch: v.optional(patch),
      agent: v.optional(agent),
      machine: v.optional(machine),
      run: v.optional(v.pipe(v.string(RUN), v.regex(/^[^$\s]+\$ \S/, RUN))),
      inject: v.optional(v.union([text, v.strictObject({ failure: text, at: v.optional(text) }, INJECT)], INJECT)),
    },
    `an event: at, title, and ${ACTIONS}`,
  ),
  v.check(({ at: _, title: __, ...actions }) => Object.keys(actions).length === 1, `one action an event: ${ACTIONS}`),
)

const port = v.union([whole(1, 65535, 'a port'), text], 'a port, by number or name')
const ends = { from: text, to: text }

/** What is asked again and again. */
const probe = v.pipe(
  v.strictObject(
    {
      name: v.optional(text),
      ping: v.optional(
        v.strictObject({ ...ends, size: v.optional(whole(0, 65507, 'bytes')) }, 'a ping: from, to, size'),
      ),
      tcp: v.optional(
        v.strictObject({ ...ends, port: port, hold: v.optional(flag) }, 'a connection: from, to, port, hold'),
      ),
      udp: v.optional(v.strictObject({ ...ends, port: port }, 'a datagram: from, to, port')),
      every: v.optional(duration),
      start: v.optional(duration),
      end: v.optional(duration),
      timeout: v.optional(duration),
    },
    'a probe: name, one of ping, tcp and udp, every, start, end, timeout',
  ),
  v.check(
    ({ ping, tcp, udp }) => [ping, tcp, udp].filter((one) => one !== undefined).length === 1,
    'one of ping, tcp and udp',
  ),
)

/** A Timeline, our own kind: an unknown field is an error. */
export const timeline: Shape = v.object({
  spec: v.strictObject(
    {
      seed: v.optional(whole(0, 0xffffffff, 'a seed')),
      delays: v.optional(oneOf(['calico', 'instant'])),
      until: v.optional(duration),
      probes: v.optional(v.array(probe, 'a list of probes')),
      events: v.optional(v.array(event, 'a list of events')),
    },
    'a spec with probes, events, seed, delays and until',
  ),
})
