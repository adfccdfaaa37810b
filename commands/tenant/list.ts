import { listCommand } from '../../src/cli/name-commands.js'

export default listCommand('tenant')
