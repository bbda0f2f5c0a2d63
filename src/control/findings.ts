import {
  InputError,
  type Issue,
  type IssueKind,
  type Note,
  type NoteCode,
  type NoteParts,
  note,
} from '../model/index.ts'
import { objectName } from './objects-by-kind.ts'
import type { FieldPath } from './origin.ts'
import type { OtherResource } from './resource.ts'

function issueAt(
  kind: IssueKind,
  resource: OtherResource | undefined,
  path: FieldPath,
  expected: string,
  received: string,
): Issue {
  const place = resource?.placeOf?.(path) ?? resource?.placeOf?.(path.slice(0, -1)) ?? resource?.placeOf?.([])
  return {
    kind,
    file: place?.file ?? '',
    ...(place ? { line: place.line, column: place.column } : {}),
    ...(resource ? { object: objectName(resource) } : {}),
    path,
    expected,
    received,
  }
}

/** What reading the objects of a cluster brings to light beside the network; one collector goes through a whole build. */
export class Findings {
  private readonly found = { faults: [] as Issue[], warnings: [] as Issue[], notes: [] as Note[] }

  /** What several collectors hold, in their order. */
  static of(...parts: readonly Findings[]): Findings {
    const all = new Findings()
    for (const part of parts) all.add(part)
    return all
  }

  /** Takes over what another collector holds. */
  add({ faults, warnings, notes }: Findings): void {
    for (const one of faults) this.found.faults.push(one)
    for (const one of warnings) this.found.warnings.push(one)
    for (const one of notes) this.found.notes.push(one)
  }

  /** The same with others in place of some notes. @param count - how many they are, from a place on */
  withNotes(at: number, count: number, notes: readonly Note[]): Findings {
    const made = Findings.of(this)
    made.found.notes.splice(at, count, ...notes)
    return made
  }

  /** Faults in the input. A network is built all the same, without what they are about. */
  get faults(): readonly Issue[] {
    return this.found.faults
  }

  /** What Calico accepts and is hardly meant, such as an object for a node that is not there. */
  get warnings(): readonly Issue[] {
    return this.found.warnings
  }

  /** What the input asks for and packetwalk does not do, and what was assumed; each says which flows it concerns. */
  get notes(): readonly Note[] {
    return this.found.notes
  }

  /** Notes a fault of one field of one object; no object: the environment of calico-node given without one. */
  fault(
    kind: IssueKind,
    resource: OtherResource | undefined,
    path: FieldPath,
    expected: string,
    received: string,
  ): void {
    this.found.faults.push(issueAt(kind, resource, path, expected, received))
  }

  /** Notes something that Calico accepts and is hardly meant. */
  warn(kind: IssueKind, resource: OtherResource, path: FieldPath, expected: string, received: string): void {
    this.found.warnings.push(issueAt(kind, resource, path, expected, received))
  }

  /** Notes something that is asked for and not built; without a scope it could turn every answer. */
  note(code: NoteCode, resource: OtherResource, path: FieldPath, what: string, parts: NoteParts = {}): void {
    const place = resource.placeOf?.(path) ?? resource.placeOf?.([])
    this.found.notes.push(note(code, what, { object: objectName(resource), ...(place ?? {}), ...parts }))
  }

  /** Notes something that no object says and was assumed. */
  assume(code: NoteCode, what: string, parts: NoteParts = {}): void {
    this.found.notes.push(note(code, what, parts))
  }

  /**
   * Throws when there are faults: all of them at once.
   *
   * @throws InputError with every fault
   */
  assertNoFaults(): void {
    if (this.faults.length > 0) throw new InputError(this.faults)
  }
}
