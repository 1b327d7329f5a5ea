/// An instant of the virtual clock, in milliseconds since the run began.
package struct VirtualTime: Hashable, Comparable, Sendable {
    /// Milliseconds since the run began.
    package let milliseconds: UInt64

    /// That many milliseconds after the beginning.
    package init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    /// When the run begins.
    package static let start = VirtualTime(milliseconds: 0)

    /// What the nodes' clocks show at the beginning, in seconds since 1970.
    static let epoch: UInt64 = 1_700_000_000

    /// What the nodes' clocks show, in seconds since 1970.
    var seconds: UInt64 { Self.epoch + milliseconds / 1_000 }

    package static func + (time: VirtualTime, milliseconds: UInt64) -> VirtualTime {
        VirtualTime(milliseconds: time.milliseconds + milliseconds)
    }

    package static func < (left: VirtualTime, right: VirtualTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
