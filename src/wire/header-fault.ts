/**
 * What is wrong with a header, as found once before a view is handed out.
 * - `truncated`: the bytes end inside the header, or before the length it states
 * - `bad_version`: the version field names another protocol
 * - `bad_header_length`: the header is shorter than its own minimum, or longer than the packet
 * - `bad_length`: a length field contradicts the header
 * - `bad_checksum`: the checksum does not match
 * - `bad_type`: a type field has a value this view does not read
 */
export type HeaderFault = 'truncated' | 'bad_version' | 'bad_header_length' | 'bad_length' | 'bad_checksum' | 'bad_type'

/** Whether `checked` found a fault instead of giving a view. */
export function isHeaderFault(result: object | HeaderFault): result is HeaderFault {
  return typeof result === 'string'
}
