/// First in, first out; dropping from the front costs nothing but now and then a move.
package struct Queue<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  private var head = 0

  package init() {}

  package var isEmpty: Bool { head == elements.count }
  package var count: Int { elements.count - head }
  package var first: Element? { head < elements.count ? elements[head] : nil }
  package var all: ArraySlice<Element> { elements[head...] }

  package mutating func append(_ element: Element) { elements.append(element) }

  package mutating func removeFirst() {
    head += 1
    if head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
  }

  package mutating func takeFirst() -> Element? {
    guard let element = first else { return nil }
    removeFirst()
    return element
  }

  /// Forgets all but the first `count`.
  package mutating func keepFirst(_ count: Int) {
    if count < self.count { elements.removeLast(self.count - count) }
  }
}
