/** A moment in milliseconds since 1970 as ISO 8601, UTC. */
export const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
