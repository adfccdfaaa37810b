#!/usr/bin/env node
const argv = process.argv.slice(2)

// LMDB's package loads an encoding of rows that efs does not use; this leaves out its native part.
process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED ??= 'true'
// The SDK of S3 would tell people on stderr which Node it will need one day: that is for who builds efs.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

if (argv.length === 1 && argv[0] === '--version') {
  // Answered here because loading the command framework takes longer than the answer.
  const { readFileSync } = await import('node:fs')
  process.stdout.on('error', async (error) => (await import('../dist/program/lib/run.js')).outputFailed(error))
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`efs/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else if (argv[0] === '--complete') {
  // Asked at each press of a key: without the command framework too.
  const { answer } = await import('../dist/program/lib/complete.js')
  await answer(argv.slice(1))
} else {
  const { run } = await import('../dist/program/lib/run.js')
  await run(argv)
}
