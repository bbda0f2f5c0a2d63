import type { Desk } from '../desk.ts'

/** A file that a program keeps on a machine. */
export interface HostFile {
  /** What is in it now. */
  readonly text: () => string
  /** Nobody finds it now; whoever writes it is heard of all the same. */
  readonly absent?: boolean
  /** What follows when somebody writes it, besides that the text is another; a text says why it cannot be written. */
  readonly write?: (text: string) => string | undefined
  /** The text stays what `text` says: what is written is taken in, and not kept. */
  readonly live?: boolean
  /** What follows when somebody takes it away; a text says why it cannot be. */
  readonly remove?: () => string | undefined
}

/** Files that programs keep on a machine, by their paths. */
export type HostFiles = (desk: Desk, netns: string) => ReadonlyMap<string, HostFile>
