import type { Checkpoint } from '../../model/live.js'

/** `initial`: what is there now; `continuous`: what comes from now on; `both`. */
export type FlowMode = 'initial' | 'continuous' | 'both'

/** What a flow goes by: one that brings what comes from now on leaves a full pass that nobody began to one that brings all. */
export const standingOf = (checkpoint: Checkpoint | undefined, mode: FlowMode): Checkpoint | undefined =>
  mode === 'continuous' && checkpoint?.pass === '' ? { position: checkpoint.position } : checkpoint
