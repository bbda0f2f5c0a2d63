import type { OtherResource } from '../../../control/index.ts'
import { namespaceOf, none, pairs, phaseOf, selectorCell } from '../cells.ts'
import { at, listAt, mapAt, textAt, textsAt } from '../object.ts'
import type { Seen } from '../seen.ts'
import { ownerOf, podCounts, podsOfController, replicaSetsOf, revisionOf, selectorOf } from '../workload.ts'
import { conditionLines, containerLines, eventLines, labelLines, nodeSelectorLines, tolerationLines } from './parts.ts'
import { entries } from './tabbed.ts'

/** A Deployment, ReplicaSet, StatefulSet or DaemonSet. @kubernetes kubectl/pkg/describe/describe.go */
export function workloadLines(seen: Seen, object: OtherResource): string[] {
  const owner = ownerOf(object)
  return [
    `Name:\t${object.metadata.name}`,
    `Namespace:\t${namespaceOf(object)}`,
    ...(object.kind === 'Deployment' ? [] : [`Selector:\t${none(selectorCell(selectorOf(object)))}`]),
    ...(object.kind === 'DaemonSet'
      ? [`Node-Selector:\t${none(pairs(textsAt(object, 'spec', 'template', 'spec', 'nodeSelector')))}`]
      : []),
    ...labelLines(object),
    ...(object.kind === 'Deployment' ? [`Selector:\t${none(selectorCell(selectorOf(object)))}`] : []),
    ...(owner === undefined ? [] : [`Controlled By:\t${owner.kind}/${owner.name}`]),
    ...countLines(seen, object),
    ...templateLines(object),
    ...conditionLines(object, [
      ['Type', 'type'],
      ['Status', 'status'],
      ['Reason', 'reason'],
    ]),
    ...(object.kind === 'Deployment' ? setLines(seen, object) : []),
    ...eventLines(seen, object),
  ]
}

function countLines(seen: Seen, object: OtherResource): string[] {
  const { wanted, current, ready, updated } = podCounts(seen, object)
  const rolling = mapAt(object, 'spec', object.kind === 'Deployment' ? 'strategy' : 'updateStrategy', 'rollingUpdate')
  switch (object.kind) {
    case 'Deployment': {
      const type = textAt(object, 'spec', 'strategy', 'type') ?? 'RollingUpdate'
      const [unavailable, surge] = [textAt(rolling, 'maxUnavailable') ?? '25%', textAt(rolling, 'maxSurge') ?? '25%']
      return [
        `Replicas:\t${wanted} desired | ${updated} updated | ${current} total | ${ready} available | ${Math.max(wanted, current) - ready} unavailable`,
        `StrategyType:\t${type}`,
        `MinReadySeconds:\t${textAt(object, 'spec', 'minReadySeconds') ?? '0'}`,
        ...(type === 'RollingUpdate'
          ? [`RollingUpdateStrategy:\t${unavailable} max unavailable, ${surge} max surge`]
          : []),
      ]
    }
    case 'DaemonSet':
      return [
        `Desired Number of Nodes Scheduled: ${wanted}`,
        `Current Number of Nodes Scheduled: ${current}`,
        `Number of Nodes Scheduled with Up-to-date Pods: ${updated}`,
        `Number of Nodes Scheduled with Available Pods: ${ready}`,
        statusLine(seen, object),
      ]
    case 'StatefulSet':
      return [`Replicas:\t${wanted} desired | ${current} total`, statusLine(seen, object)]
    default:
      return [`Replicas:\t${current} current / ${wanted} desired`, statusLine(seen, object)]
  }
}

function statusLine(seen: Seen, object: OtherResource): string {
  const phases = podsOfController(seen, object).map(phaseOf)
  const of = (phase: string): number => phases.filter((one) => one === phase).length
  const ended = `${of('Succeeded')} Succeeded / ${of('Failed')} Failed`
  return `Pods Status:\t${of('Running')} Running / ${of('Pending')} Waiting / ${ended}`
}

/** The template of pods of a workload. */
export function templateLines(object: OtherResource): string[] {
  const template = mapAt(object, 'spec', 'template')
  const account = textAt(template, 'spec', 'serviceAccountName')
  const annotations = textsAt(template, 'metadata', 'annotations')
  return [
    'Pod Template:',
    ...entries('Labels', textsAt(template, 'metadata', 'labels'), '=', '  '),
    ...(Object.keys(annotations).length === 0 ? [] : entries('Annotations', annotations, ': ', '  ')),
    ...(account === undefined ? [] : [`  Service Account:\t${account}`]),
    '  Containers:',
    ...containerLines(listAt(template, 'spec', 'containers'), '  ', true).map((line) => line.replace(/^ {6}/, '    ')),
    ...nodeSelectorLines(at(template, 'spec')).map((line) => (line.startsWith('\t') ? line : `  ${line}`)),
    ...tolerationLines(at(template, 'spec')).map((line) => (line.startsWith('\t') ? line : `  ${line}`)),
  ]
}

/** The ReplicaSet of the template as it is now, and those of before that have pods. */
function setLines(seen: Seen, deployment: OtherResource): string[] {
  const [newest, ...old] = [...replicaSetsOf(seen, deployment)].sort((a, b) => revisionOf(b) - revisionOf(a))
  const word = (one: OtherResource): string => {
    const { current, wanted } = podCounts(seen, one)
    return `${one.metadata.name} (${current}/${wanted} replicas created)`
  }
  return [
    `OldReplicaSets:\t${none(old.map(word).join(', '))}`,
    `NewReplicaSet:\t${newest === undefined ? '<none>' : word(newest)}`,
  ]
}
