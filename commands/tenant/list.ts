import { listCommand } from '../../src/cli/command/names.js'

export default listCommand('tenant')
