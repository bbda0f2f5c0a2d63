import type { Plain } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { createAll } from './create.ts'
import { newObject, portOf } from './create-kinds.ts'
import type { OpenKube } from './kube.ts'
import { listAt, mapAt, type PlainMap, plain, textAt, textsAt } from './object.ts'
import { type Asked, ask, dryRunOf, isRun, named, refusing, type VerbOptions } from './options.ts'
import { outputFault } from './print-stored.ts'
import { type Found, select } from './select.ts'
import { containersOf } from './workload.ts'

const OPTIONS: VerbOptions = {
  valued: named(
    '--port',
    '--target-port',
    '--type',
    '--name',
    '--protocol',
    '--cluster-ip',
    '--external-ip',
    '--load-balancer-ip',
    '--session-affinity',
    '-l --labels',
    '--selector',
    '-o --output',
  ),
  plain: named('--save-config'),
  optional: named('--dry-run'),
  refused: {
    ...refusing('--field-manager', '--kustomize', '-k', '--record', '--show-managed-fields', '--template'),
    '-f': 'name what is to be exposed: TYPE NAME',
    '--filename': 'name what is to be exposed: TYPE NAME',
    '--overrides': 'patch the Service when it is there',
    '--override-type': 'patch the Service when it is there',
  },
}

const KINDS: ReadonlySet<string> = new Set(['Pod', 'Service', 'Deployment', 'ReplicaSet'])

/** `kubectl expose TYPE NAME --port=…`: a Service for the pods that something selects. */
export function expose(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, OPTIONS)
  if (isRun(asked)) return asked
  const dry = outputFault(asked) ?? dryRunOf(asked)
  if (isRun(dry)) return dry
  const plainAsked = { ...asked, text: (name: string) => (name === 'selector' ? undefined : asked.text(name)) }
  const selection = select(kube.seen(), plainAsked)
  if (isRun(selection)) return selection
  const [found] = selection.found
  if (found === undefined) return failed(selection.errors.join('\n') || 'error: no objects passed to expose')
  if (!KINDS.has(found.type.kind))
    return failed(`error: cannot expose a ${found.type.kind}${found.type.group === '' ? '' : `.${found.type.group}`}`)
  const service = serviceFor(asked, found)
  return typeof service === 'string' ? failed(service) : exposed(createAll(kube, asked, [service], dry))
}

function exposed(run: Run): Run {
  return run.ok ? { ...run, stdout: run.stdout.replace(/ created( \((?:server )?dry run\))?\n$/, ' exposed$1\n') } : run
}

function selectorOf(asked: Asked, { type, object }: Found): Readonly<Record<string, string>> | string {
  const own = asked.text('selector')
  if (own !== undefined) {
    const pairs = own.split(',').map((one) => one.split('=') as [string, string])
    return pairs.every(({ length }) => length === 2)
      ? Object.fromEntries(pairs)
      : `error: --selector must be in the format of [a=b,c=d]: ${own}`
  }
  if (type.kind === 'Pod') {
    const labels = object.metadata.labels ?? {}
    if (Object.keys(labels).length > 0) return labels
    return "error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed"
  }
  if (type.kind === 'Service') return textsAt(object, 'spec', 'selector')
  if (listAt(object, 'spec', 'selector', 'matchExpressions').length > 0)
    return "error: couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions"
  const labels = textsAt(object, 'spec', 'selector', 'matchLabels')
  return Object.keys(labels).length > 0 ? labels : textsAt(object, 'spec', 'template', 'metadata', 'labels')
}

function portsOf(asked: Asked, { object, type }: Found): readonly PlainMap[] | string {
  const given = asked.text('port')
  const protocol = asked.text('protocol') ?? 'TCP'
  const target = asked.text('target-port')
  const targetPort = (fallback: number): Plain => (target === undefined ? fallback : (portOf(target) ?? target))
  if (given !== undefined) {
    const ports = given.split(',').map(portOf)
    if (ports.some((one) => one === undefined)) return `error: invalid port ${given}`
    return ports.map((port, i) => ({
      ...(ports.length === 1 ? {} : { name: `port-${i + 1}` }),
      port: port as number,
      protocol,
      targetPort: targetPort(port as number),
    }))
  }
  const own =
    type.kind === 'Service'
      ? listAt(object, 'spec', 'ports')
      : containersOf(object).flatMap((one) => listAt(one, 'ports'))
  const numbers = own.map((one) => ({
    port: Number(textAt(one, 'port') ?? textAt(one, 'containerPort')),
    protocol: textAt(one, 'protocol') ?? 'TCP',
  }))
  if (numbers.length === 0)
    return "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples"
  return numbers.map(({ port, protocol: other }, i) => ({
    ...(numbers.length === 1 ? {} : { name: `port-${i + 1}` }),
    port,
    protocol: asked.text('protocol') ?? other,
    targetPort: targetPort(port),
  }))
}

function serviceFor(asked: Asked, found: Found): ReturnType<typeof newObject> | string {
  const selector = selectorOf(asked, found)
  if (typeof selector === 'string') return selector
  const ports = portsOf(asked, found)
  if (typeof ports === 'string') return ports
  const [clusterIP, external] = [asked.text('cluster-ip'), asked.text('external-ip')]
  const [balancer, affinity] = [asked.text('load-balancer-ip'), asked.text('session-affinity')]
  const spec = plain({
    ports,
    selector,
    type: asked.text('type') ?? 'ClusterIP',
    ...(clusterIP === undefined ? {} : { clusterIP }),
    ...(external === undefined ? {} : { externalIPs: [external] }),
    ...(balancer === undefined ? {} : { loadBalancerIP: balancer }),
    ...(affinity === undefined ? {} : { sessionAffinity: affinity }),
  }) as PlainMap
  const labels = asked
    .text('labels')
    ?.split(',')
    .map((one) => one.split('=') as [string, string])
  const own =
    labels === undefined ? (mapAt(found.object, 'metadata', 'labels') as PlainMap) : Object.fromEntries(labels)
  return newObject('service', asked.text('name') ?? found.object.metadata.name, asked, { spec }, own)
}
