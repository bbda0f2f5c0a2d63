/**
 * An empty record for keys that differ from object to object (interface names, sysctls). Deleting an inner property makes
 * V8 keep the record as a hash table from the start, instead of one hidden class for every new key; with thousands of
 * nodes that decides about seconds and gigabytes.
 */
export function dictionary<T>(): Record<string, T> {
  const record: Record<string, unknown> = { first: 0, last: 0 }
  delete record['first']
  delete record['last']
  return record as Record<string, T>
}
