import { encodeUtf8 } from '../wire/index.ts'

/** Whether the kernel takes a name for an interface. @linux net/core/dev.c dev_valid_name */
export function isInterfaceName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || /[\s/:]/.test(name)) return false
  return name.length <= 15 && encodeUtf8(name).length <= 15
}
