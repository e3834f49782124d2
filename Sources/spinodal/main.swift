import Glibc
import Runtime

if CommandLine.arguments.dropFirst().first == SolverChild.commandName { exit(SolverChild.run()) }
