import type { ControllerRevisionResource, DaemonSetResource, PodSetResource, PodTemplate } from '../../control/index.ts'
import { keyOf } from '../object-keys.ts'
import { canonical, templateHash } from '../safe-names.ts'
import { fresh, ownedBy, type Work } from '../work.ts'

/** The label by which pods and ControllerRevisions of a workload tell of which template they are. */
export const REVISION = 'controller-revision-hash'
const KEPT = 10

/** A workload whose templates are kept in ControllerRevisions. */
type Revised = DaemonSetResource | PodSetResource

/**
 * Keeps what a workload's template is as a ControllerRevision, the newest of all: one that was there before gets a new number. What
 * a workload was that somebody has changed for the first time is the first.
 *
 * @param hash - of its template
 * @kubernetes pkg/controller/history/controller_history.go, pkg/controller/daemon/update.go constructHistory
 */
export function keepRevisions(work: Work, workload: Revised, hash: string): void {
  const { objects } = work
  const key = keyOf(workload)
  if (objects.revisionsOf(key).length === 0) keepGiven(work, workload)
  const all = objects.revisionsOf(key)
  const highest = Math.max(0, ...all.map(({ revision }) => revision))
  const found = all.find((one) => isOf(one, workload.spec.template))
  if (found === undefined) put(work, workload, workload.spec.template, hash, highest + 1)
  else if (found.revision !== highest) objects.put({ ...found, revision: highest + 1 })
  else return
  forget(work, workload)
}

/** What a workload was when time began, which nobody wrote down as long as it was not changed. */
function keepGiven(work: Work, workload: Revised): void {
  const given = work.memory.owners.get(keyOf(workload))
  if (given === undefined) return
  const { template } = JSON.parse(given.spec) as Revised['spec']
  put(work, workload, template, templateHash(template), 1)
}

/** The hash of the template that a workload had when time began; undefined where it was made later. */
export function givenHash({ memory }: Work, workload: Revised): string | undefined {
  const given = memory.owners.get(keyOf(workload))
  return given === undefined ? undefined : templateHash((JSON.parse(given.spec) as Revised['spec']).template)
}

function isOf({ data }: ControllerRevisionResource, template: PodTemplate | undefined): boolean {
  return canonical(data?.spec?.template) === canonical(template)
}

function put(work: Work, workload: Revised, template: PodTemplate | undefined, hash: string, revision: number): void {
  const { name, namespace, annotations } = workload.metadata
  const labels = { ...template?.metadata?.labels, [REVISION]: hash }
  const within = namespace === undefined ? {} : { namespace }
  work.objects.put({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      ...fresh(work, 'ControllerRevision', { name: `${name}-${hash}`, labels, ...within }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: ownedBy(workload),
    },
    data: { spec: template === undefined ? {} : { template } },
    revision,
  } as ControllerRevisionResource)
}

/** The oldest of which there are no pods go. */
function forget({ objects }: Work, workload: Revised): void {
  const key = keyOf(workload)
  const live = new Set(objects.podsOf(key).map(({ metadata }) => metadata.labels?.[REVISION]))
  const { name } = workload.metadata
  const isLive = ({ metadata }: ControllerRevisionResource): boolean =>
    live.has(metadata.name) || live.has(metadata.name.slice(name.length + 1))
  const all = [...objects.revisionsOf(key)].sort((a, b) => a.revision - b.revision)
  const idle = all.slice(0, -1).filter((one) => !isLive(one))
  const beyond = Math.max(0, idle.length - (workload.spec.revisionHistoryLimit ?? KEPT))
  for (const one of idle.slice(0, beyond)) objects.remove(one)
}
