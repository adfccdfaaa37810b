import type { Finding } from '../../model/finding.js'

/** In the order in which they are told. */
export const DOCTOR_TESTS = ['runtime', 'native', 'keyring', 'home', 'space', 'clock', 'files', 'watches'] as const
export type DoctorTest = (typeof DOCTOR_TESTS)[number]
export type DoctorFinding = Finding<DoctorTest>
