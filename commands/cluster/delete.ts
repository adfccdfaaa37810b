import { deleteCommand } from '../../src/cli/name-commands.js'

export default deleteCommand('cluster')
