import SweepModel

/// The generator of the program's own machines serves tests too.
public typealias SplitMix64 = SweepModel.SplitMix64
