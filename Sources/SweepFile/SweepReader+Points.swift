import SweepModel

extension SweepReader {
  /// Points: a list of mappings, or the name of a CSV file. They are the slowest axis.
  mutating func readPoints(
    _ value: YAML, readFile: (String) -> Result<String, SweepFile.Unreadable>
  ) {
    switch value {
    case .sequence(let items, let place): readPointList(items, place)
    case .scalar(let scalar) where !scalar.isEmpty:
      switch readFile(scalar.text) {
      case .failure(let error):
        report("cannot read '\(scalar.text)': \(error.reason)", scalar.place)
      case .success(let text):
        attachments.append(SweepFile.Attachment(path: scalar.text, text: text))
        readPointTable(text, path: scalar.text)
      }
    case .scalar, .mapping:
      report(
        "points takes a list of points or the name of a CSV file, not \(value.kind)", value.place)
    }
  }

  private mutating func readPointList(_ items: [YAML], _ place: Place) {
    guard !items.isEmpty else {
      report("points is an empty list", place)
      return
    }
    var names: [YAMLScalar] = []
    var rows: [[YAMLScalar]] = []
    for item in items {
      guard case .mapping(let pairs, _) = item else {
        report("expected a point {name: value, ...}, not \(item.kind)", item.place)
        continue
      }
      if names.isEmpty { names = pairs.map(\.key) }
      if let row = pointRow(pairs, names: names, at: item.place) { rows.append(row) }
    }
    guard rows.count == items.count else { return }
    addPoints(names: names, rows: rows, at: place)
  }

  private mutating func pointRow(
    _ pairs: [(key: YAMLScalar, value: YAML)], names: [YAMLScalar], at place: Place
  ) -> [YAMLScalar]? {
    var found: [String: YAMLScalar] = [:]
    for (key, value) in pairs {
      guard names.contains(where: { $0.text == key.text }) else {
        report(
          "the first point has no '\(key.text)'; all points give the same parameters", key.place)
        return nil
      }
      guard case .scalar(let scalar) = value else {
        report("expected a value of \(key.text), not \(value.kind)", value.place)
        return nil
      }
      found[key.text] = scalar
    }
    var row: [YAMLScalar] = []
    for name in names {
      guard let scalar = found[name.text] else {
        report("this point gives no '\(name.text)'; all points give the same parameters", place)
        return nil
      }
      row.append(scalar)
    }
    return row
  }

  private mutating func readPointTable(_ text: String, path: String) {
    let rows: [[YAMLScalar]]
    do {
      rows = try CSV.read(text, path: path)
    } catch {
      mistakes += error.list
      return
    }
    let start = Place(path: path, line: 1, column: 1)
    guard let names = rows.first, rows.count > 1 else {
      report("expected a line of names and at least one line of values", start)
      return
    }
    for row in rows.dropFirst() where row.count != names.count {
      report(
        "this line has \(row.count) values, the first line \(names.count) names",
        row.first?.place ?? start)
      return
    }
    addPoints(names: names, rows: Array(rows.dropFirst()), at: start)
  }

  private mutating func addPoints(names: [YAMLScalar], rows: [[YAMLScalar]], at place: Place) {
    var members: [Axis.Member] = []
    for (column, name) in names.enumerated() {
      if places[name.text] != nil {
        report("'\(name.text)' stands here twice", name.place)
        return
      }
      places[name.text] = name.place
      var values: [Value] = []
      var itemPlaces: [Place] = []
      for row in rows {
        if let found = value(row[column], of: name.text) { values.append(found) }
        itemPlaces.append(row[column].place)
        // One bad column of a long table is told by its first values.
        if mistakes.count > 100 { return }
      }
      guard values.count == rows.count,
        let axis = axisValues(values, of: name.text, at: name.place)
      else {
        damaged.insert(name.text)
        continue
      }
      valuePlaces[name.text] = itemPlaces
      members.append(Axis.Member(name: name.text, values: axis))
    }
    if members.count == names.count && !members.isEmpty {
      sweep.axes.append(Axis(form: .points, members: members))
    } else if members.isEmpty && names.isEmpty {
      report("a point needs at least one parameter", place)
    } else {
      for member in members where parameter(named: member.name) == nil { addStandIn(member.name) }
      for name in damaged.sorted() where parameter(named: name) == nil { addStandIn(name) }
    }
  }

  /// So that expressions that use a damaged name are still looked at.
  private mutating func addStandIn(_ name: String) {
    damaged.insert(name)
    if !sweep.columnNames.contains(name) {
      sweep.scalars.append(Scalar(name: name, value: .real(1)))
    }
  }
}
