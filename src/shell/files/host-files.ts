import type { Desk } from '../desk.ts'
import { calicoFiles } from './calico-files.ts'
import type { HostFile, HostFiles } from './host-file.ts'
import { kernelFiles } from './kernel-files.ts'
import { systemFiles } from './system-files.ts'

/** Who keeps files on machines: one function a program. */
const KEEPERS: readonly HostFiles[] = [calicoFiles, kernelFiles, systemFiles]

/** All files that programs keep on a machine. */
export function hostFiles(desk: Desk, netns: string): ReadonlyMap<string, HostFile> {
  return new Map(KEEPERS.flatMap((keeper) => [...keeper(desk, netns)]))
}
