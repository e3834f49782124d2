/// One unit of a grid: its parameters, and which replicate. A buffer to be reused: `Grid.evaluate` fills
/// it in without allocating.
public struct Point: Sendable {
  public internal(set) var unit: UnitIndex
  /// Why the solver must not be given this point; its row has status 101.
  public internal(set) var problem: PointProblem?
  /// Bits of the values, as `SlotLayout` has them.
  var slots: [UInt64]
  var plan: GridPlan

  init(_ plan: GridPlan) {
    self.plan = plan
    unit = plan.units.first
    slots = plan.template
  }

  /// The value of the solver's parameter number `index`, which is declared as real.
  @inline(__always)
  public func real(_ index: Int) -> Double { Double(bitPattern: slots[index]) }

  /// The value of the solver's parameter number `index`, which is declared as integer.
  @inline(__always)
  public func integer(_ index: Int) -> Int64 { Int64(bitPattern: slots[index]) }

  /// The place in its choices of the value of the solver's parameter number `index`; 0 if the point has
  /// a problem with it.
  public func choice(_ index: Int) -> Int {
    let number = slots[index]
    guard number < UInt64(plan.texts.count) else { return 0 }
    return plan.layout.choices[index].firstIndex(of: plan.texts[Int(number)]) ?? 0
  }

  /// The value of the solver's parameter number `index`, in the type it is declared with.
  public func value(_ index: Int) -> Value {
    switch plan.layout.solver.parameters[index].kind {
    case .real: .real(real(index))
    case .integer: .integer(integer(index))
    case .choice: .text(plan.text(slots[index]))
    }
  }

  /// The values of the solver's parameters, in its order, defaults filled in.
  public var arguments: [Value] { (0..<plan.layout.parameterCount).map { value($0) } }

  /// The replicate levels, outermost first.
  public var levels: [Int64] {
    let layout = plan.layout
    return (layout.firstLevel..<layout.namedCount).map { Int64(bitPattern: slots[$0]) }
  }

  /// The replicate level number `index`, from the outermost.
  public func level(_ index: Int) -> Int64 {
    Int64(bitPattern: slots[plan.layout.firstLevel + index])
  }

  /// Name and value of every parameter column, in column order: axes, scalars, derived names.
  public var recorded: [(name: String, value: Value)] {
    let layout = plan.layout
    return layout.recordedNames.map { name in
      guard let slot = layout.slot(of: name) else { return (name, .text("")) }
      if slot < layout.parameterCount { return (name, value(slot)) }
      if layout.textSlots.contains(slot) { return (name, .text(plan.text(slots[slot]))) }
      return (name, .real(Double(bitPattern: slots[slot])))
    }
  }

  /// `problem` in words.
  public var refusal: SolverRefusal? { problem.map { plan.refusal(of: $0, in: self) } }
}

/// What is wrong with a point, without words.
public enum PointProblem: Hashable, Sendable {
  /// A derived name has no value: its integer overflows or it is a fraction where an integer belongs.
  case noValue(derived: Int, isFraction: Bool)
  /// A derived value is not one that the solver's parameter of this number takes.
  case outOfRange(parameter: Int)
}

extension GridPlan {
  func text(_ number: UInt64) -> String {
    number < UInt64(texts.count) ? texts[Int(number)] : ""
  }

  func refusal(of problem: PointProblem, in point: Point) -> SolverRefusal {
    switch problem {
    case .noValue(let derived, let isFraction):
      return SolverRefusal(
        parameter: derivedNames[derived],
        reason: (isFraction ? ArithmeticFault.notInteger : .integerOverflow).reason)
    case .outOfRange(let index):
      let parameter = layout.solver.parameters[index]
      return SolverRefusal(
        parameter: parameter.name, reason: parameter.refusal(of: point.value(index)))
    }
  }
}

extension Parameter {
  /// Why a value of the right type is not accepted.
  func refusal(of value: Value) -> String {
    switch kind {
    case .real, .integer: "\(value) is out of range: expected \(range)"
    case .choice(let choices):
      "'\(value)' is none of \(choices.joined(separator: ", "))"
        + Suggestion.hint(for: "\(value)", among: choices)
    }
  }
}
