export type KeptHeader = 'ContentType' | 'ContentEncoding' | 'ContentDisposition' | 'ContentLanguage' | 'CacheControl'

/** What S3 keeps of an object beside its metadata and tags, by the SDK's names. */
export type KeptHeaders = Partial<Readonly<Record<KeptHeader, string>>>

/** With the name of each as a header, which is that of the option of an object here. */
export const KEPT_HEADERS: readonly (readonly [KeptHeader, string])[] = [
  ['ContentType', 'Content-Type'],
  ['ContentEncoding', 'Content-Encoding'],
  ['ContentDisposition', 'Content-Disposition'],
  ['ContentLanguage', 'Content-Language'],
  ['CacheControl', 'Cache-Control'],
]

/** Those for which `told`, which is asked by the name of the header, has a value. */
export function keptHeaders(told: (header: string) => string | undefined): KeptHeaders {
  const kept: Partial<Record<KeptHeader, string>> = {}
  for (const [name, header] of KEPT_HEADERS) {
    const value = told(header)
    if (value !== undefined) kept[name] = value
  }
  return kept
}
