import { type Certainty, type Confidence, describeNote, type Finding, notePlace } from '../model/index.ts'
import type { Run } from '../shell/index.ts'
import { describeOrigin } from '../trace/index.ts'
import type { Shown } from './shown.ts'

/** What a finding of the simulation rests on. */
export function confidenceIn({ lab, finding, run }: Shown): Confidence {
  const { netns } = finding
  const assumed = run.notes.find(({ effect, turns }) => effect === 'assumed' && turns !== 'success')
  if (worthOf(run) === 'assumed' && assumed !== undefined) return { kind: 'assumed', of: [describeNote(assumed)] }
  if (lab.dump?.dumped.has(netns) === true) return { kind: 'dump', of: [`the dump of ${netns}`] }
  if (lab.dump !== null) return { kind: 'dump', of: [lab.cluster === null ? 'the dumps' : 'the dumps and the objects'] }
  const { cluster, network } = lab
  if (cluster === null) return { kind: 'dump', of: ['the network as it was given'] }
  const isAsBuilt = cluster.network.namespaces[netns] === network.namespaces[netns]
  return isAsBuilt
    ? { kind: 'objects', of: [objectText(finding) || 'the objects'] }
    : { kind: 'dump', of: [`what ${netns} holds now`] }
}

/** What a failure of the simulation is worth: what could only make a success of it no success does not count. */
export function worthOf({ certainty, notes }: Run): Certainty {
  const counts = notes.some(({ effect, turns }) => effect !== 'harmless' && turns !== 'success')
  return certainty === 'assumed' && !counts ? 'certain' : certainty
}

/** The object that decided, with its place in a file; '' when none did. */
export function objectText({ origin }: Pick<Finding, 'origin'>): string {
  if (origin === undefined) return ''
  const place = notePlace(origin)
  const text = describeOrigin(origin)
  return place === '' || text.includes(place) ? text : `${text} (${place})`
}
