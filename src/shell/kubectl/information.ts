import { didYouMean } from '../../model/index.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { table } from '../table.ts'
import { API_TYPES, resourceName } from './api.ts'
import type { OpenKube } from './kube.ts'
import { textAt } from './object.ts'
import { ask, isRun, named } from './options.ts'

/** `kubectl version`: that of the cluster's kubelets stands for both. */
export function version(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, {
    valued: named('-o --output'),
    plain: named('--client', '--short'),
  })
  if (isRun(asked)) return asked
  if (asked.text('output') !== undefined)
    return failed('error: -o is not modelled here: kubectl version prints two lines')
  const known = kube.seen().resources.nodes.map((node) => textAt(node, 'status', 'nodeInfo', 'kubeletVersion'))
  const found = known.find((one) => one !== undefined) ?? '<unknown>'
  const lines = [`Client Version: ${found}`, ...(asked.has('client') ? [] : [`Server Version: ${found}`])]
  return printed(
    `${lines.join('\n')}\n`,
    found === '<unknown>' ? 'packetwalk: no node says which version of Kubernetes it runs\n' : '',
  )
}

/** `kubectl cluster-info`. */
export function clusterInfo(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, {})
  if (isRun(asked)) return asked
  if (asked.words.length > 0) return failed(`error: kubectl cluster-info ${asked.words[0]} is not modelled here`)
  const server = kube
    .seen()
    .resources.services.find(
      ({ metadata }) => metadata.name === 'kubernetes' && (metadata.namespace ?? 'default') === 'default',
    )
  const at = server?.spec.clusterIP ?? '<unknown>'
  return printed(
    `Kubernetes control plane is running at https://${at}:${server?.spec.ports?.[0]?.port ?? 443}\n`,
    'packetwalk: that is the Service kubernetes; there is no API server to talk to, and kubectl works on the objects of the lab\n',
  )
}

/** `kubectl config current-context|get-contexts|view`: a lab is one cluster. */
export function config(_kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, { plain: named('--minify', '--current', '--raw') })
  if (isRun(asked)) return asked
  const [verb = ''] = asked.words
  if (verb === 'current-context') return printed('packetwalk\n')
  if (verb === 'get-contexts')
    return printed(
      table([
        ['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'],
        ['*', 'packetwalk', 'packetwalk', 'packetwalk', 'default'],
      ]),
    )
  const hint = asked.has('current') || verb === 'set-context' ? '; -n NAMESPACE says it for a command' : ''
  return failed(
    `error: kubectl config ${verb} is not modelled here: a lab is one cluster, and there is no kubeconfig${hint}`,
  )
}

const VERBS = 'create,delete,get,list,patch,update,watch'

/** `kubectl api-resources`. */
export function apiResources(_kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, {
    valued: named('-o --output', '--api-group', '--namespaced', '--sort-by'),
    plain: named('--no-headers'),
    optional: named('--namespaced'),
    refused: {
      '--verbs': 'all verbs are modelled for all of them',
      '--categories': 'there is one: all',
      '--cached': 'there is no server',
    },
  })
  if (isRun(asked)) return asked
  const output = asked.text('output') ?? ''
  if (!['', 'wide', 'name'].includes(output)) return failed(`error: --output ${output} is not available`)
  const group = asked.text('api-group')
  const scope = asked.text('namespaced')
  const types = API_TYPES.filter(
    (type) =>
      (group === undefined || type.group === group) && (scope === undefined || String(type.namespaced) === scope),
  )
  if (output === 'name') return printed(types.map((type) => `${resourceName(type)}\n`).join(''))
  const sorted = asked.text('sort-by') === 'kind' ? [...types].sort((a, b) => (a.kind < b.kind ? -1 : 1)) : types
  const wide = output === 'wide'
  const rows = sorted.map((type) => [
    type.plural,
    type.short.join(','),
    type.group === '' ? type.version : `${type.group}/${type.version}`,
    String(type.namespaced),
    type.kind,
    ...(wide ? [VERBS, type.isOfAll ? 'all' : ''] : []),
  ])
  const head = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])]
  return printed(table(asked.has('no-headers') ? rows : [head, ...rows]))
}

/** `kubectl api-versions`. */
export function apiVersions(_kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, {})
  if (isRun(asked)) return asked
  const all = API_TYPES.map(({ group, version: own }) => (group === '' ? own : `${group}/${own}`))
  return printed(
    [...new Set(all)]
      .sort()
      .map((one) => `${one}\n`)
      .join(''),
  )
}

/** Verbs that are answered with what does the same here. */
const REFUSED: Readonly<Record<string, string>> = {
  logs: 'containers print nothing: what runs in them is not modelled. kubectl describe and kubectl get events tell what happened to a pod, why tells what happened to a packet',
  attach: 'what runs in containers is not modelled: kubectl exec POD -- COMMAND runs a command in its network',
  'port-forward':
    'nobody could connect from outside: kubectl exec POD -- curl http://HOST:PORT, or curl on a node, asks a port',
  cp: 'containers have no files: those of nodes are written with > FILE and read with cat',
  proxy: 'there is no API server to talk to: kubectl get, apply and the others work on the objects of the lab',
  top: 'what pods and nodes use is not modelled',
  auth: 'whoever types is the administrator: access is not modelled',
  certificate: 'certificates are not modelled',
  edit: "there is no editor: kubectl get TYPE NAME -o yaml > FILE, sed -i 's/…/…/' FILE, kubectl apply -f FILE do the same; so does kubectl patch",
  explain: 'packetwalk explain FIELD tells what a field does, e.g. packetwalk explain ippool.spec.ipipMode',
  debug: 'kubectl debug node/NAME is ssh NAME here, and kubectl exec POD -- COMMAND runs the tools of a pod',
  autoscale: 'what pods use is not modelled, so nothing would scale: kubectl scale does',
  diff: 'kubectl apply --dry-run=client -f FILE says what would change',
  kustomize: 'kustomize is not modelled; build it elsewhere and give what it prints with -f',
  plugin: 'there are no plugins',
  completion: 'the tab key completes by itself',
  options: 'help says what packetwalk knows',
  help: 'help says what packetwalk knows',
}

/** What is said of a verb that is not modelled; undefined for one that kubectl does not have. */
export function refusedVerb(verb: string): Run | undefined {
  const why = Object.hasOwn(REFUSED, verb) ? REFUSED[verb] : undefined
  return why === undefined ? undefined : failed(`error: kubectl ${verb} is not modelled here: ${why}`)
}

/** What is said of a verb that kubectl does not have. */
export function unknownVerb(verb: string, known: readonly string[]): Run {
  if (verb === '') return failed(`packetwalk: kubectl needs a verb; there are ${known.join(', ')}`)
  return failed(`error: unknown command "${verb}" for "kubectl" (packetwalk: ${didYouMean(verb, known)})`)
}
