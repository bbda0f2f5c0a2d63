import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { table } from '../table.ts'
import { apiTypeOf } from './api.ts'
import { compare, namespaceOf } from './cells.ts'
import { toldWhen } from './events.ts'
import type { OpenKube } from './kube.ts'
import { textAt } from './object.ts'
import { ask, isRun, named, refusing, type VerbOptions } from './options.ts'
import { outputOf, printedObjects } from './output.ts'
import { type Found, select } from './select.ts'

const OPTIONS: VerbOptions = {
  valued: named('-o --output', '--for', '--types'),
  plain: named('-A --all-namespaces', '--no-headers'),
  refused: {
    ...refusing('--chunk-size', '--show-managed-fields', '--template'),
    '--allow-missing-template-keys': 'keys that are not there are empty',
    '-w': 'kubectl get events -w waits for more',
    '--watch': 'kubectl get events -w waits for more',
  },
}

/** `kubectl events [--for TYPE/NAME] [--types Normal,Warning]`: the last at the end. @kubernetes kubectl/pkg/cmd/events/events.go */
export function listEvents(kube: OpenKube, line: readonly string[]): Run {
  const asked = ask(line, OPTIONS)
  if (isRun(asked)) return asked
  const [word] = asked.words
  if (word !== undefined) return failed(`error: unknown argument "${word}": --for TYPE/NAME says about what`)
  const output = outputOf(asked.text('output'))
  if (isRun(output)) return output
  if (output.form === 'wide') return failed('error: unable to match a printer suitable for the output format "wide"')
  const types = asked.all('types').flatMap((one) => one.split(','))
  const other = types.find((one) => !/^(normal|warning)$/i.test(one))
  if (other !== undefined) return failed('error: valid --types are Normal or Warning')
  const about = aboutOf(asked.text('for'))
  if (isRun(about)) return about
  const seen = kube.seen()
  const selection = select(seen, asked, ['events'])
  if (isRun(selection)) return selection
  const isOfType = ({ object }: Found): boolean =>
    types.length === 0 || types.some((one) => one.toLowerCase() === textAt(object, 'type')?.toLowerCase())
  const last = ({ object }: Found): string => textAt(object, 'lastTimestamp') ?? ''
  const found = selection.found.filter((one) => isOfType(one) && about(one)).sort((a, b) => compare(last(a), last(b)))
  const isEverywhere = asked.has('all-namespaces')
  if (found.length === 0)
    return printed('', isEverywhere ? 'No events found.\n' : `No events found in ${asked.namespace} namespace.\n`)
  const rows = found.map(({ object }) => [
    ...(isEverywhere ? [namespaceOf(object)] : []),
    toldWhen(object, seen.time),
    textAt(object, 'type') ?? '',
    textAt(object, 'reason') ?? '',
    `${textAt(object, 'involvedObject', 'kind') ?? ''}/${textAt(object, 'involvedObject', 'name') ?? ''}`,
    textAt(object, 'message') ?? '',
  ])
  const heads = [...(isEverywhere ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']
  return (
    printedObjects(seen, { ...selection, found }, output) ??
    printed(table(asked.has('no-headers') ? rows : [heads, ...rows]))
  )
}

/** Whether an event is about the object that `--for` names. */
function aboutOf(text: string | undefined): ((event: Found) => boolean) | Run {
  if (text === undefined || text === '') return () => true
  const [word = '', name = '', ...more] = text.split('/')
  if (name === '' || more.length > 0) return failed('error: --for must be in resource/name form')
  const type = apiTypeOf(word)
  if (type === undefined) return failed(`error: the server doesn't have a resource type "${word}"`)
  return ({ object }) =>
    textAt(object, 'involvedObject', 'kind') === type.kind && textAt(object, 'involvedObject', 'name') === name
}
