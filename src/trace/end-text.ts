import type { NatEnd } from '../model/index.ts'
import { familyOf } from '../wire/index.ts'

/** `10.0.0.1:80`, `[fd00::1]:80`; without a port the address alone. */
export function endText({ address, port }: NatEnd): string {
  if (port === 0) return address
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}
