import { readObjects } from '../../input/index.ts'
import { InputError, mergePatch, type Plain } from '../../model/index.ts'
import type { Host } from '../host.ts'
import { jsonPatched } from '../kubectl/json-patch.ts'
import { failed, printed } from '../result.ts'
import type { Run } from '../run.ts'
import { oneObject, stored } from './change-objects.ts'
import type { CalicoKind } from './kinds.ts'
import type { Asked } from './options.ts'
import type { AnyObject, Seen } from './seen.ts'
import { plain } from './stored-form.ts'

/** `calicoctl patch KIND NAME -p PATCH [-t strategic|merge|json]`. */
export function patchObject(host: Host, seen: Seen, asked: Asked): Run {
  const { flags } = asked
  const found = oneObject(seen, asked)
  if ('stdout' in found) return found
  const { kind, object } = found
  const how = String(flags.get('type') ?? 'strategic')
  if (how !== 'strategic' && how !== 'merge' && how !== 'json')
    return failed(`Failed to execute command: unrecognized patch type '${how}'`)
  const patch = patchOf(flags.get('patch'))
  if (typeof patch === 'string') return failed(`Failed to patch '${kind.kind}' resource: [${patch}]`)
  const fresh = patched(object, patch, how)
  if (typeof fresh === 'string') return failed(`Failed to patch '${kind.kind}' resource: [${fresh}]`)
  return told(kind, kind.madeBy ?? stored(host, seen, { kind, object: fresh }, object))
}

/** The object after the patch; a text says why it cannot be patched so. */
function patched(object: AnyObject, patch: unknown, how: string): AnyObject | string {
  if (how !== 'json') {
    // Lists of Calico's objects have no keys to be joined by: a strategic patch replaces them, as a merge patch does.
    return plain(mergePatch(bare(object), patch)) as unknown as AnyObject
  }
  const made = jsonPatched(bare(object), patch as Plain)
  return typeof made === 'string' ? made : (made.value as unknown as AnyObject)
}

function told({ kind }: CalicoKind, fault: string | undefined): Run {
  if (fault !== undefined) return failed(`Failed to patch '${kind}' resource: [${fault}]`)
  return printed(`Successfully patched 1 '${kind}' resource\n`)
}

/** An object without what finds its place in a file. */
function bare(object: AnyObject): Plain {
  return plain({ ...object, apiVersion: 'projectcalico.org/v3' })
}

function patchOf(text: string | true | undefined): unknown {
  if (typeof text !== 'string') return 'packetwalk: -p PATCH is missing'
  try {
    const wrapped = `apiVersion: v1\nkind: Patch\nmetadata: {name: patch}\npatch: ${text.includes('\n') ? `\n${text.replace(/^/gm, '  ')}` : text}\n`
    const [raw] = readObjects([{ name: 'patch', text: wrapped }])
    return plain((raw?.value as { readonly patch?: unknown } | undefined)?.patch)
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
}
