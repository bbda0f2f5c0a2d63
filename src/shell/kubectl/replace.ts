import type { Plain } from '../../model/index.ts'
import { failed } from '../result.ts'
import type { Run } from '../run.ts'
import { updated } from './admission.ts'
import { askChange } from './ask-change.ts'
import { linesRun, type OpenKube, warned } from './kube.ts'
import { manifestsOf, READING, READING_PLAIN } from './manifests.ts'
import { isRun, named, refusing, type VerbOptions } from './options.ts'
import { withOutput } from './print-stored.ts'
import { type Given, givenOf, resourceWord, store, storedAs } from './store.ts'

const OPTIONS: VerbOptions = {
  valued: { ...READING, ...named('-o --output') },
  plain: { ...READING_PLAIN, ...named('--save-config') },
  optional: named('--dry-run', '--validate'),
  refused: {
    ...refusing(
      '--field-manager',
      '--kustomize',
      '-k',
      '--raw',
      '--show-managed-fields',
      '--subresource',
      '--template',
    ),
    '--force': 'delete the object and create it again',
    '--cascade': 'it belongs to --force',
    '--grace-period': 'it belongs to --force',
    '--timeout': 'nothing is waited for',
    '--wait': 'nothing is waited for',
  },
}

/** `kubectl replace -f …`: objects that are there are what they are given to be. */
export function replace(kube: OpenKube, line: readonly string[]): Run {
  const opened = askChange(line, OPTIONS)
  if (isRun(opened)) return opened
  const { asked, dry } = opened
  const read = manifestsOf(kube, asked)
  if (isRun(read)) return read
  const seen = kube.seen()
  const good: Given[] = []
  const errors: string[] = []
  for (const manifest of read.manifests) {
    const given = givenOf(manifest, asked)
    if (typeof given === 'string') return failed(given)
    const before = storedAs(seen, given.value)
    if (before === undefined) {
      const name = (given.value['metadata'] as { readonly name: Plain }).name
      errors.push(
        `Error from server (NotFound): error when replacing "${manifest.source}": ${resourceWord(given)} "${name}" not found`,
      )
      continue
    }
    const result = updated(seen, given, before)
    if ('refused' in result) errors.push(result.refused)
    else good.push(result.given)
  }
  const warnings = dry.isDry ? [] : store(kube, good)
  const out = good.map(({ word }) => `${word} replaced${dry.remark}`)
  return warned((good.length === 0 ? undefined : withOutput(asked, good)) ?? linesRun({ out, errors }), [
    ...read.warnings,
    ...warnings,
  ])
}
