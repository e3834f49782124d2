import Runtime
import Testing

@Suite struct RateMeterTests {
  private let second: Int64 = 1_000_000_000

  @Test("a steady pace is measured, whatever was done before")
  func steady() {
    var meter = RateMeter()
    for tick in 0...100 { meter.add(ended: 5000 + Int64(tick) * 10, at: Int64(tick) * second / 10) }
    #expect(meter.unitsPerSecond == 100)
  }

  @Test("a change of pace shows after the window")
  func change() throws {
    var meter = RateMeter(windowSeconds: 15)
    for tick in 0...600 {
      let ended = tick < 300 ? tick * 100 : 30_000 + (tick - 300)
      meter.add(ended: Int64(ended), at: Int64(tick) * second / 10)
    }
    let rate = try #require(meter.unitsPerSecond)
    #expect(abs(rate - 10) < 0.5)
  }

  @Test("nothing done is no rate")
  func nothing() {
    var meter = RateMeter()
    #expect(meter.unitsPerSecond == nil)
    for tick in 0..<10 { meter.add(ended: 7, at: Int64(tick) * second) }
    #expect(meter.unitsPerSecond == nil)
  }
}
