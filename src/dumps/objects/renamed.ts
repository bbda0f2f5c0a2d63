import type { Note, NoteScope } from '../../model/index.ts'

/** A note of a machine under the name that it has beside the objects. */
export function renamedNote(note: Note, from: string, to: string): Note {
  if (from === to) return note
  const { check } = note
  return {
    ...note,
    object: note.object === from ? to : note.object,
    scope: renamedScope(note.scope, from, to),
    ...(check === undefined ? {} : { check: check.replace(`(on ${from})`, `(on ${to})`) }),
  }
}

function renamedScope(scope: NoteScope, from: string, to: string): NoteScope {
  const named = (name: string): string => (name === from ? to : name)
  switch (scope.kind) {
    case 'through':
    case 'ends':
      return { ...scope, netns: scope.netns.map(named) }
    case 'routed':
    case 'hooked':
    case 'device':
    case 'dropped':
    case 'ended':
      return { ...scope, netns: named(scope.netns) }
    default:
      return scope
  }
}
