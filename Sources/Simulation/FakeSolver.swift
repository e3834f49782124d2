import Scheduling
import Shards
import SweepModel

/// The solver of simulated sweeps: what a unit gives, how long it takes and how it fails are functions
/// of its number alone, so that the fault-free outcome of every unit is known beforehand.
struct FakeSolver: Sendable {
  /// What a unit does whenever it is computed.
  enum Nature: Hashable, Sendable {
    case fine
    /// A result that is not finite: status 1.
    case remark
    /// A row with status 100.
    case failing
    /// Ends its process, which is what status 204 is for.
    case crashing(ChildEnd.Cause)
    /// Never ends: status 205.
    case hanging
    /// Writes bytes that are no row of its own: status 103.
    case malformed

    var expectedStatus: RowStatus {
      switch self {
      case .fine: .ok
      case .remark: RowStatus(rawValue: 1)
      case .failing: .failed
      case .crashing: .died
      case .hanging: .timeLimit
      case .malformed: .malformed
      }
    }
  }

  let seed: UInt64
  let unitCount: Int64
  let badUnitsPerThousand: Int
  let meanUnitTime: TickDuration
  let layout: RowLayout
  let codec: RowCodec
  let scanner: RowScanner

  init(
    seed: UInt64, unitCount: Int64, badUnitsPerThousand: Int, meanUnitTime: TickDuration,
    outputWidth: Int
  ) {
    self.seed = seed
    self.unitCount = unitCount
    self.badUnitsPerThousand = badUnitsPerThousand
    self.meanUnitTime = meanUnitTime
    layout = RowLayout(
      parameters: [Column("x")], levels: ["replicate"],
      outputs: [Column("draw", shape: [outputWidth]), Column("label", .int16)])
    codec = RowCodec(layout: layout)
    scanner = RowScanner(layout: layout, unitCount: unitCount)
  }

  private func bits(_ unit: UnitIndex, _ purpose: UInt64) -> UInt64 {
    SplitMix64.mix(seed ^ SplitMix64.mix(UInt64(unit) &* 8 &+ purpose))
  }

  func nature(of unit: UnitIndex) -> Nature {
    let draw = bits(unit, 1)
    guard draw % 1000 < UInt64(badUnitsPerThousand) else { return .fine }
    switch (draw >> 32) % 8 {
    case 0: return .crashing(.killed(signal: 11))
    case 1: return .crashing(.exited(code: 0))
    case 2: return .crashing(.exited(code: 1))
    case 3: return .hanging
    case 4: return .malformed
    case 5: return .remark
    default: return .failing
    }
  }

  /// Half to one and a half times the mean, and now and then ten times that.
  func duration(of unit: UnitIndex) -> TickDuration {
    let draw = bits(unit, 2)
    let mean = meanUnitTime.nanoseconds
    let plain = mean / 2 + Int64(draw % UInt64(max(1, mean)))
    return TickDuration(nanoseconds: (draw >> 40) % 64 == 0 ? plain * 10 : plain)
  }

  func parameters(of unit: UnitIndex) -> [Value] { [.real(Double(unit) / 8)] }
  func levels(of unit: UnitIndex) -> [Int64] { [unit % 5] }

  /// The row that this unit's child writes; every byte before `attempt` depends on the unit alone.
  func row(of unit: UnitIndex, attempt: Int16, worker: Int32, wallSeconds: Double) -> [UInt8] {
    let nature = nature(of: unit)
    if nature == .failing {
      return codec.failedRow(
        unit: unit, parameters: parameters(of: unit), levels: levels(of: unit), status: .failed,
        attempt: attempt, worker: worker, wallSeconds: wallSeconds)
    }
    var row = codec.makeRow()
    row.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: unit.littleEndian, toByteOffset: RowLayout.unitOffset, as: Int64.self)
      for (place, value) in zip(layout.parameterFields, parameters(of: unit)) {
        put(value, place, bytes)
      }
      for (place, level) in zip(layout.levelFields, levels(of: unit)) {
        put(.integer(level), place, bytes)
      }
      let draws = layout.fields[layout.outputFields.lowerBound]
      for element in 0..<draws.column.elementCount {
        let draw = Double(bits(unit, 3 + UInt64(element)) >> 11) * 0x1p-53
        RowCodec.store(
          .real(nature == .remark && element == 0 ? .nan : draw), as: .float64,
          at: draws.offset + 8 * element, in: bytes)
      }
      put(.integer(Int64(bits(unit, 4) % 7)), layout.outputFields.upperBound - 1, bytes)
      codec.finish(
        bytes, status: nature == .remark ? RowStatus(rawValue: 1) : .ok, attempt: attempt,
        worker: worker, wallSeconds: wallSeconds)
    }
    return row
  }

  private func put(_ value: Value, _ place: Int, _ row: UnsafeMutableRawBufferPointer) {
    let field = layout.fields[place]
    RowCodec.store(value, as: field.column.type, at: field.offset, in: row)
  }

  /// Makes bytes that are no good row of this unit out of its row.
  func spoiled(_ row: [UInt8], of unit: UnitIndex, by draw: UInt64) -> [UInt8] {
    var bytes = row
    switch draw % 4 {
    case 0: bytes[Int(draw >> 8) % bytes.count] ^= UInt8(1 << (draw >> 40) % 8)
    case 1: bytes.removeLast(1 + Int(draw >> 8) % (bytes.count - 1))
    case 2:
      // A good row of another unit.
      return self.row(of: (unit + 1) % unitCount, attempt: 0, worker: 0, wallSeconds: 0)
    default:
      bytes.withUnsafeMutableBytes {
        $0.storeBytes(of: unitCount.littleEndian, toByteOffset: 0, as: Int64.self)
        codec.seal($0)
      }
    }
    return bytes
  }
}
