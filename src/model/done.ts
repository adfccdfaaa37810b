import type { Done } from './endpoint.js'
import type { Content } from './manifest.js'

export const contentOf = ({ content }: Done): Content => ('manifest' in content ? content.manifest : content)
export const isDelete = (done: Done): boolean => contentOf(done).kind === 'deleted'
