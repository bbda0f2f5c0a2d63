import { failed } from '../result.ts'
import type { Run } from '../run.ts'

import { askChange } from './ask-change.ts'
import { drainPods } from './drain-pods.ts'
import { givenFrom, rewrite, withField } from './edit-objects.ts'
import { linesRun, type OpenKube } from './kube.ts'
import { at } from './object.ts'
import { type Asked, isRun, named, refusing, type VerbOptions } from './options.ts'
import { type Found, select } from './select.ts'

const CORDON: VerbOptions = { valued: named('-l --selector'), optional: named('--dry-run') }

const DRAIN: VerbOptions = {
  valued: named('-l --selector', '--grace-period', '--timeout', '--pod-selector', '--skip-wait-for-delete-timeout'),
  plain: named('--ignore-daemonsets', '--delete-emptydir-data', '--delete-local-data', '--force', '--disable-eviction'),
  optional: named('--dry-run'),
  refused: refusing('--chunk-size'),
}

/** `kubectl cordon NODE…`: no new pods come to a node. */
export function cordon(kube: OpenKube, line: readonly string[]): Run {
  return marked(kube, line, true)
}

/** `kubectl uncordon NODE…`. */
export function uncordon(kube: OpenKube, line: readonly string[]): Run {
  return marked(kube, line, false)
}

function marked(kube: OpenKube, line: readonly string[], isCordon: boolean): Run {
  const opened = askChange(line, CORDON)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const nodes = nodesOf(kube, asked, isCordon ? 'cordon' : 'uncordon')
  if (isRun(nodes)) return nodes
  const out = nodes.found.map((one) => `${mark(kube, one, isCordon, dry.isDry)}${dry.remark}`)
  return linesRun({ out, errors: nodes.errors })
}

/** Marks a node, and says so. */
function mark(kube: OpenKube, found: Found, isCordon: boolean, isDry: boolean): string {
  const { name } = found.object.metadata
  const word = isCordon ? 'cordoned' : 'uncordoned'
  const isSo = (at(found.object, 'spec', 'unschedulable') === true) === isCordon
  if (isSo) return `node/${name} already ${word}`
  const value = withField(givenFrom(found).value, ['spec', 'unschedulable'], isCordon ? true : undefined)
  if (!isDry) rewrite(kube, [{ found, value }])
  return `node/${name} ${word}`
}

/** Nodes by names or labels. */
function nodesOf(
  kube: OpenKube,
  asked: Asked,
  verb: string,
): { readonly found: readonly Found[]; readonly errors: readonly string[] } | Run {
  const names = asked.words.map((word) => word.replace(/^nodes?\//, ''))
  const selector = asked.text('selector')
  if (names.length === 0 && selector === undefined)
    return failed(`error: USAGE: ${verb} NODE [flags]\nSee 'kubectl ${verb} -h' for help and examples`)
  if (names.length > 0 && selector !== undefined)
    return failed('error: error: cannot specify both a node name and a --selector option')
  return select(kube.seen(), asked, ['nodes', ...names])
}

/** `kubectl drain NODE…`: a node is cordoned, and its pods are evicted. */
export function drain(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, DRAIN)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const nodes = nodesOf(kube, asked, 'drain')
  if (isRun(nodes)) return nodes
  const out = nodes.found.map((one) => `${mark(kube, one, true, dry.isDry)}${dry.remark}`)
  const errors = [...nodes.errors]
  const warnings: string[] = []
  if (errors.length > 0) return linesRun({ out, errors })
  for (const [i, { object }] of nodes.found.entries()) {
    const { name } = object.metadata
    const drained = drainPods(kube, asked, name, dry)
    if (isRun(drained)) return drained
    warnings.push(...drained.warnings)
    if (drained.faults.length > 0) {
      errors.push(
        `error: unable to drain node "${name}" due to error: [${drained.faults.join(', ')}], continuing command...`,
        'There are pending nodes to be drained:',
        ...nodes.found.slice(i).map((one) => ` ${one.object.metadata.name}`),
        ...drained.faults,
      )
      break
    }
    out.push(...drained.out, `node/${name} drained${dry.remark}`)
  }
  return linesRun({ out, errors }, warnings)
}
