import SweepModel

extension SweepReader {
  mutating func readLevels(replicates: YAML?, levels: YAML?) {
    let limit = Int64(1) << 62 - 1
    if let replicates, let levels {
      report("replicates and levels say the same thing; give one of them", levels.place)
      _ = replicates
      return
    }
    if let replicates {
      levelPlaces["replicate"] = replicates.place
      if let count = wholeNumber(replicates, "replicates", in: 1...limit) {
        sweep.levels = [ReplicateLevel(name: "replicate", count: count)]
      }
    }
    guard let levels else { return }
    guard case .mapping(let pairs, _) = levels, !pairs.isEmpty else {
      report("levels takes {name: count, ...}, outermost first, not \(levels.kind)", levels.place)
      return
    }
    var found: [ReplicateLevel] = []
    for (key, value) in pairs {
      levelPlaces[key.text] = key.place
      if let count = wholeNumber(value, "the count of \(key.text)", in: 1...limit) {
        found.append(ReplicateLevel(name: key.text, count: count))
      }
    }
    if found.count == pairs.count { sweep.levels = found }
  }

  mutating func readSeed(_ value: YAML) {
    if let seed = wholeNumber(value, "seed", in: .min ... .max) { sweep.seed = seed }
  }

  mutating func readCommonRandomNumbers(_ value: YAML) {
    var items = [value]
    if case .sequence(let list, _) = value { items = list }
    for item in items {
      guard case .scalar(let scalar) = item, !scalar.isEmpty else {
        report("common_random_numbers takes a list of parameters, not \(item.kind)", item.place)
        continue
      }
      commonPlaces[scalar.text] = scalar.place
      sweep.commonRandomNumbers.append(scalar.text)
    }
  }

  mutating func readLimits(_ value: YAML) {
    guard case .mapping(let pairs, _) = value else {
      report("limits takes {stall: DURATION, time: DURATION}, not \(value.kind)", value.place)
      return
    }
    for (key, value) in pairs {
      guard ["stall", "time"].contains(key.text) else {
        let hint = Suggestion.hint(for: key.text, among: ["stall", "time"])
        report("unknown limit '\(key.text)'; expected stall or time\(hint)", key.place)
        continue
      }
      guard case .scalar(let scalar) = value,
        let duration = DurationText.milliseconds(scalar.text), duration > 0
      else {
        report("expected \(DurationText.expectation), not \(value.kind)", value.place)
        continue
      }
      if key.text == "stall" {
        sweep.limits.stallMilliseconds = duration
      } else {
        sweep.limits.timeMilliseconds = duration
      }
    }
  }
}
