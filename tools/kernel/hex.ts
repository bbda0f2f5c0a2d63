import { toHex } from '../../src/wire/index.ts'

/** Bytes as hexadecimal digits without blanks. */
export const hex = (bytes: Uint8Array): string => toHex(bytes).replaceAll(/[^0-9a-f]/g, '')
