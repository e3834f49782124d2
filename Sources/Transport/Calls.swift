import CZeroMQ
import Glibc

/// The number of a failed libzmq call; 0 if it succeeded.
typealias ErrorNumber = Int32

/// The one place where a libzmq call is made: its error number is read before anything else can change
/// it, and a call that a signal interrupted is made again.
@inline(never)
func call(_ body: () -> Int32) -> (value: Int32, error: ErrorNumber) {
  while true {
    let value = body()
    if value >= 0 { return (value, 0) }
    let error = zmq_errno()
    if error != EINTR { return (value, error) }
  }
}

/// For calls that can only fail by a mistake of ours: a closed socket, an option that does not exist.
func must(_ what: @autoclosure () -> String, _ body: () -> Int32) {
  let error = call(body).error
  if error != 0 { fatalError("\(what()): \(errorText(error))") }
}

func errorText(_ error: ErrorNumber) -> String { String(cString: zmq_strerror(error)) }

/// Milliseconds that only go forward; for timeouts.
func monotonicMilliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
