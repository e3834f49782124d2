extension Grid {
  /// Whether `where` leaves units out anywhere.
  public var hasCondition: Bool { plans.contains { $0.conditionSlot != nil } }

  /// Whether `where` admits the unit that `point` holds; nil if the condition has no value there.
  public func admits(_ point: inout Point) -> Bool? {
    guard let slot = point.plan.conditionSlot else { return true }
    let plan = point.plan
    return point.slots.withUnsafeMutableBufferPointer { slots in
      let failed = plan.condition.withUnsafeBufferPointer { Program.run($0, slots) }
      return failed == nil ? slots[slot] != 0 : nil
    }
  }

  /// The units that `where` leaves out: the start of a done-set.
  public func excludedUnits() throws(SweepProblems) -> UnitSet {
    var excluded = UnitSet(unitCount: unitCount)
    var point = makePoint()
    for plan in plans where plan.conditionSlot != nil {
      var run = UnitRun(first: plan.units.first, count: 0)
      var unit = plan.units.first
      while unit < plan.units.end {
        evaluate(unit, into: &point)
        guard let isAdmitted = admits(&point) else {
          let place = point.recorded.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
          throw SweepProblems([
            SweepProblem(
              .condition(position: 0),
              "where has no value at \(place): \(ArithmeticFault.integerOverflow.reason)")
          ])
        }
        if isAdmitted {
          excluded.insert(run)
          run = UnitRun(first: unit + plan.unitsPerPoint, count: 0)
        } else {
          run.count += plan.unitsPerPoint
        }
        unit += plan.unitsPerPoint
      }
      excluded.insert(run)
    }
    return excluded
  }

  /// Values that the solver does not take, at the corners of each segment's grid and at its first points:
  /// the first of each parameter.
  public func sampleProblems(firstPoints: Int64 = 10_000) -> [SweepProblem] {
    var found: [SweepProblem] = []
    var reported: Set<String> = []
    var point = makePoint()
    func look(at unit: UnitIndex) {
      evaluate(unit, into: &point)
      guard admits(&point) != false, let refusal = point.refusal,
        reported.insert(refusal.parameter).inserted
      else { return }
      let derivedNames = point.plan.derivedNames
      let place = point.recorded.filter { !derivedNames.contains($0.name) }
        .map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
      found.append(
        SweepProblem(
          .derived(refusal.parameter, position: 0), "\(refusal.reason) (at \(place))"))
    }
    for plan in plans where !plan.checks.isEmpty || !plan.derivation.isEmpty {
      let points = plan.units.count / plan.unitsPerPoint
      for place in 0..<min(firstPoints, points) {
        look(at: plan.units.first + place * plan.unitsPerPoint)
      }
      for corner in plan.corners { look(at: plan.units.first + corner) }
    }
    return found
  }
}

extension GridPlan {
  /// Units at the corners of the grid, at most 4,096 of them.
  fileprivate var corners: [Int64] {
    var corners: [Int64] = [0]
    var stride: Int64 = 1
    for dimension in dimensions {
      let last = Int64(dimension.count) - 1
      if last > 0 && corners.count < 4096 { corners += corners.map { $0 + last * stride } }
      stride *= last + 1
    }
    return corners
  }
}
