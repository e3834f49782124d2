import Kernels
import Testing

@Suite struct GaussLegendreTests {
  @Test("polynomials up to degree 31 are integrated exactly", arguments: 0...31)
  func polynomials(degree: Int) {
    let value = GaussLegendre.integral(from: -1, to: 2, panels: 1) { x in
      var power = SIMD8<Double>(repeating: 1)
      for _ in 0..<degree { power *= x }
      return power
    }
    var high = 1.0
    var low = 1.0
    for _ in 0...degree {
      high *= 2
      low *= -1
    }
    let exact = (high - low) / Double(degree + 1)
    #expect(abs(value - exact) <= 1e-14 * max(abs(exact), high / Double(degree + 1)))
  }

  @Test("panels add up")
  func panels() {
    let one = GaussLegendre.integral(from: 0, to: 1, panels: 1) { $0 * $0 }
    let many = GaussLegendre.integral(from: 0, to: 1, panels: 7) { $0 * $0 }
    #expect(abs(one - 1.0 / 3) < 1e-15 && abs(many - 1.0 / 3) < 1e-15)
  }
}
