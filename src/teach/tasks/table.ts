import { SERVICES } from './services.ts'
import type { TaskRow } from './task.ts'
import { TROUBLE } from './trouble.ts'
import { WAYS } from './ways.ts'

/** The exercise of each scene. */
export const TASKS: readonly TaskRow[] = [...WAYS, ...SERVICES, ...TROUBLE]
