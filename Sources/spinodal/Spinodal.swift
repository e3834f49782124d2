import ArgumentParser

/// The root command. Alone it teaches; with a subcommand it is only the way there.
struct Spinodal: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spinodal",
    abstract: "Runs a parameter sweep on one machine or many and gives back one table.",
    discussion: """
      A sweep file names a solver and the values of its parameters. `run` computes every point; \
      kill it at any moment, and the same command goes on where it stopped. `collect` makes the \
      table.

      Exit codes: 0 complete, 1 error, 2 mistake in the command or the sweep file, 3 finished but \
      some units failed, 4 coordinator not reached, 5 key refused, 75 stopped before the end (run \
      again), 128+N ended by signal N.
      """,
    version: Version.text,
    subcommands: [
      RunCommand.self, ServeCommand.self, WorkerCommand.self, StatusCommand.self,
      CollectCommand.self, VerifyCommand.self, SolversCommand.self,
    ])

  func run() throws { try Console.output(Self.guide) }

  /// What the program says to someone who gave it nothing.
  static let guide = """
    spinodal runs a parameter sweep of many small computations on one machine or many,
    and gives back one table. Kill anything at any moment: the same command goes on.

    A first run:

      spinodal run sweeps/quickstart.yaml
      spinodal collect runs/quickstart --to quickstart.npy
      python3 -c "import numpy as np; print(np.load('quickstart.npy')[:5])"

    A sweep file is as short as this:

      name: first
      solver: cubic-theory
      parameters:
        epsilon: -0.3
        sigma2: {linspace: [0.10, 0.40, 61]}

    Where to go on:

      spinodal solvers                 what can be computed; `solvers NAME` for its parameters
      spinodal run SWEEP --dry-run     axes, counts, first and last points; computes nothing
      spinodal serve SWEEP             a coordinator for workers on other machines, which join with
      spinodal worker --access FILE    the file RUN/access.json that it writes
      spinodal status RUN              how far it is
      spinodal verify RUN              whether everything is there and intact
      spinodal --help                  all commands; `spinodal help COMMAND` for one

    """
}
