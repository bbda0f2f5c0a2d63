import { type Beginning, readAddress } from './address.ts'

/** What the page begins with, and what is wrong with the link it was opened with. */
export interface Begun extends Beginning {
  /** In words; '' when nothing is. */
  readonly fault: string
}

/** Reads the address; a link that was damaged leads to the first scene, and says so. */
export function beginning(): Begun {
  try {
    return { ...readAddress(location), fault: '' }
  } catch (error) {
    const search = new URLSearchParams(location.search).has('embed') ? '?embed' : ''
    const fault = error instanceof Error ? error.message : String(error)
    return { ...readAddress({ search, hash: '' }), fault }
  }
}
