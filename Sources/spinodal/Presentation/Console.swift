import Glibc
import Host
import Synchronization

/// The two streams, as conventions have them: data to stdout, messages and progress to stderr. A
/// progress line is cleared before a message and drawn again after it.
package final class Console: Sendable {
  package enum Level: Int, Comparable, Sendable {
    /// `-q`: warnings and errors only.
    case quiet, normal
    /// `-v`: everything.
    case verbose

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  package enum Kind: Sendable {
    case error, warning
    /// What a user wants to know.
    case note
    /// What a user wants to know who asked for it.
    case detail
  }

  package struct Style: Hashable, Sendable {
    /// Redraws a line in place; else prints one now and then.
    package var isAnimated: Bool
    package var hasColour: Bool
    package var isUnicode: Bool

    package init(isAnimated: Bool, hasColour: Bool, isUnicode: Bool) {
      self.isAnimated = isAnimated
      self.hasColour = hasColour
      self.isUnicode = isUnicode
    }

    /// For a stream to the terminal or elsewhere, by NO_COLOR, TERM and the locale.
    package init(
      isTerminal: Bool, noColour: Bool, environment value: (String) -> String? = { Environment[$0] }
    ) {
      let isDumb = value("TERM").map { $0 == "dumb" || $0.isEmpty } ?? true
      isAnimated = isTerminal && !isDumb
      hasColour = isAnimated && !noColour && (value("NO_COLOR") ?? "").isEmpty
      let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(value).first { !$0.isEmpty } ?? ""
      let name = locale.lowercased()
      isUnicode = name.contains("utf-8") || name.contains("utf8")
    }
  }

  package let level: Level
  package let style: Style
  private let descriptor: Int32
  private let state = Mutex(State())

  private struct State {
    var isShown = false
    var drawnAt: Int64?
    var printedAt: Int64?
    var last: Progress?
  }

  private static let redrawNanoseconds: Int64 = 100_000_000
  private static let plainNanoseconds: Int64 = 10_000_000_000

  package init(level: Level, style: Style, descriptor: Int32 = 2) {
    self.level = level
    self.style = style
    self.descriptor = descriptor
  }

  package convenience init(level: Level, noColour: Bool) {
    self.init(level: level, style: Style(isTerminal: isatty(2) == 1, noColour: noColour))
  }

  /// A message of one or more lines.
  package func say(_ kind: Kind, _ text: String) {
    guard shows(kind) else { return }
    state.withLock { state in
      let clearing = clear(&state)
      write(clearing + prefix(kind) + text + "\n")
      if !clearing.isEmpty, let last = state.last { draw(last, &state) }
    }
  }

  package func shows(_ kind: Kind) -> Bool {
    switch kind {
    case .error, .warning: true
    case .note: level >= .normal
    case .detail: level >= .verbose
    }
  }

  /// Shows how far the sweep is: at most ten times a second in place, else a line every ten seconds.
  /// - Parameter now: nanoseconds by `BootClock`.
  package func show(_ progress: Progress, at now: Int64) {
    guard level >= .normal else { return }
    state.withLock { state in
      if style.isAnimated {
        if let drawn = state.drawnAt, now - drawn < Self.redrawNanoseconds { return }
        state.drawnAt = now
        draw(progress, &state)
      } else {
        // The first line comes after the interval: a short run needs none.
        let printed = state.printedAt ?? now
        state.printedAt = printed
        if now - printed < Self.plainNanoseconds { return }
        state.printedAt = now
        write(progress.plainLine + "\n")
      }
    }
  }

  /// Takes the progress line away, before the last words.
  package func endProgress() {
    state.withLock { state in
      let clearing = clear(&state)
      if !clearing.isEmpty { write(clearing) }
      state.last = nil
    }
  }

  private func draw(_ progress: Progress, _ state: inout State) {
    let width = Machine.terminalWidth(descriptor) ?? 80
    // The last column stays free: some terminals wrap as soon as it is written.
    let line = progress.line(width: width - 1, isUnicode: style.isUnicode)
    write("\r" + line + "\u{1b}[K")
    state.isShown = true
    state.last = progress
  }

  private func clear(_ state: inout State) -> String {
    defer { state.isShown = false }
    return state.isShown ? "\r\u{1b}[K" : ""
  }

  private func prefix(_ kind: Kind) -> String {
    switch kind {
    case .error: style.hasColour ? "\u{1b}[1;31merror:\u{1b}[0m " : "error: "
    case .warning: style.hasColour ? "\u{1b}[33mwarning:\u{1b}[0m " : "warning: "
    case .note, .detail: ""
    }
  }

  /// A message that cannot be written is lost: there is nowhere to say so.
  private func write(_ text: String) { _ = Self.write(text, to: descriptor) }

  /// Data, to stdout.
  /// - Throws: if it cannot be written; a reader that went away (`head`) is no error.
  package static func output(_ text: String) throws(CommandFailure) {
    guard let code = write(text, to: 1) else { return }
    if code == EPIPE { return }
    throw .error("cannot write to stdout: \(Errno(rawValue: code))")
  }

  /// - Returns: the error number, if it failed.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var place = 0
      while place < bytes.count {
        let count = Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: place), bytes.count - place)
        if count < 0 {
          let code = errno
          if code == EAGAIN {
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            // A terminal that is stopped for longer than this loses the message, not the sweep.
            if poll(&ready, 1, 1000) > 0 { continue }
          }
          if code != EINTR { return code }
        } else {
          place += count
        }
      }
      return nil
    }
  }
}
