import Glibc
import Runtime

// A solver child is started for every slot and after every death: it must not wait for a parser, and has
// no business in the help.
if CommandLine.arguments.dropFirst().first == SolverChild.commandName { exit(SolverChild.run()) }
exit(Program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
