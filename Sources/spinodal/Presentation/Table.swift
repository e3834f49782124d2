/// Cells in columns of even width, two blanks between them; the last column is not padded.
package struct Table: Hashable, Sendable {
  package var rows: [[String]]

  package init(_ rows: [[String]]) { self.rows = rows }

  /// A line for each row.
  package var text: String {
    var widths: [Int] = []
    for row in rows {
      for (place, cell) in row.enumerated() {
        if place == widths.count { widths.append(0) }
        widths[place] = max(widths[place], cell.count)
      }
    }
    return rows.map { row in
      var line = ""
      for (place, cell) in row.enumerated() {
        line += cell
        if place < row.count - 1 {
          line += String(repeating: " ", count: widths[place] - cell.count + 2)
        }
      }
      return line + "\n"
    }.joined()
  }
}
