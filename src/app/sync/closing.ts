type Closable = { close(): Promise<void> }

/** Closes each, whatever becomes of the others. @throws what the first said that could not be closed */
export async function closeAll(endpoints: readonly Closable[], opening: Iterable<Promise<Closable>>): Promise<void> {
  const ends: PromiseSettledResult<void>[] = []
  for (const endpoint of endpoints) ends.push(...(await Promise.allSettled([endpoint.close()])))
  for (const one of await Promise.allSettled(opening))
    if (one.status === 'fulfilled') ends.push(...(await Promise.allSettled([one.value.close()])))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
