import { checkArgument } from '../model/index.ts'
import { Lab } from './lab.ts'

/** Refuses what is no lab. @throws InputError that names the parameter */
export function checkLab(lab: unknown, name = 'lab'): void {
  checkArgument(lab instanceof Lab, name, 'a lab, such as Lab.load() gives', lab)
}
