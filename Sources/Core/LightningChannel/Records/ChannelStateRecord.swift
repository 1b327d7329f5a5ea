import Bitcoin
import LightningCommitment
import LightningWire

/// The stored form of what every message of a round of commitments changes: a few numbers, whatever the channel holds.
struct ChannelStateRecord: RecordCodable {
    var localNumber: UInt64
    var remoteNumber: UInt64
    var isAwaitingRevocation: Bool
    var commitmentPrecedesRevocation: Bool
    var feerate: FeeratePerKw
    var pendingFeerates: [PendingFeerate]
    var nextLocalID: UInt64
    var nextRemoteID: UInt64
    /// For each funding.
    var balances: [Balances]
    var shutdown: Shutdowns
    var paid: Balances

    init(_ commitments: Commitments) {
        localNumber = commitments.localNumber
        remoteNumber = commitments.remoteNumber
        isAwaitingRevocation = commitments.isAwaitingRevocation
        commitmentPrecedesRevocation = commitments.commitmentPrecedesRevocation
        feerate = commitments.feerate
        pendingFeerates = commitments.pendingFeerates.filter { $0.stage != .proposed }
        nextLocalID = Commitments.firstProposed(commitments.offered, commitments.nextLocalID)
        nextRemoteID = Commitments.firstProposed(commitments.received, commitments.nextRemoteID)
        balances = commitments.fundings.map(\.settled)
        shutdown = commitments.shutdown
        paid = commitments.paid
    }

    init(from record: inout RecordReader) throws(RecordError) {
        localNumber = try record.requireInteger(0)
        remoteNumber = try record.requireInteger(2)
        isAwaitingRevocation = try record.takeFlag(4)
        commitmentPrecedesRevocation = try record.takeFlag(6)
        feerate = FeeratePerKw(try record.requireNumber(8))
        pendingFeerates = try Self.feerates(record.takeBytes(10) ?? [])
        nextLocalID = try record.requireInteger(12)
        nextRemoteID = try record.requireInteger(14)
        balances = try Self.balances(record.requireBytes(24))
        shutdown = Shutdowns()
        shutdown.local = try record.takeBytes(26).map { Script($0) }
        shutdown.remote = try record.takeBytes(28).map { Script($0) }
        paid = Balances(
            local: MilliSatoshi(try record.takeInteger(29) ?? 0),
            remote: MilliSatoshi(try record.takeInteger(31) ?? 0))
        guard !isAwaitingRevocation || remoteNumber > 0 else { throw .invalidField(type: 4) }
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: localNumber)
        record.put(2, integer: remoteNumber)
        record.put(4, flag: isAwaitingRevocation)
        record.put(6, flag: commitmentPrecedesRevocation)
        record.put(8, integer: UInt64(feerate.value))
        var feerates = ByteWriter()
        for pending in pendingFeerates {
            feerates.writeBigEndian(pending.feerate.value)
            feerates.writeByte(pending.stage.rawValue)
        }
        record.put(10, feerates.bytes.isEmpty ? nil : feerates.bytes)
        record.put(12, integer: nextLocalID)
        record.put(14, integer: nextRemoteID)
        var amounts = ByteWriter()
        for balance in balances {
            amounts.writeBigEndian(balance.local.value)
            amounts.writeBigEndian(balance.remote.value)
        }
        record.put(24, amounts.bytes)
        record.put(26, shutdown.local?.bytes)
        record.put(28, shutdown.remote?.bytes)
        record.put(29, integer: paid.local.value, unless: 0)
        record.put(31, integer: paid.remote.value, unless: 0)
    }

    private static func feerates(_ bytes: [UInt8]) throws(RecordError) -> [PendingFeerate] {
        var result: [PendingFeerate] = []
        do throws(DecodeError) {
            var reader = ByteReader(bytes.span.bytes)
            while !reader.isAtEnd {
                let feerate = FeeratePerKw(try reader.readBigEndian())
                guard let stage = UpdateStage(rawValue: try reader.readByte()) else {
                    throw .invalidValue(field: "stage")
                }
                result.append(PendingFeerate(feerate: feerate, stage: stage))
            }
        } catch {
            throw .malformed(error)
        }
        return result
    }

    private static func balances(_ bytes: [UInt8]) throws(RecordError) -> [Balances] {
        var result: [Balances] = []
        do throws(DecodeError) {
            var reader = ByteReader(bytes.span.bytes)
            while !reader.isAtEnd {
                let local = MilliSatoshi(try reader.readBigEndian())
                result.append(
                    Balances(local: local, remote: MilliSatoshi(try reader.readBigEndian())))
            }
        } catch {
            throw .malformed(error)
        }
        return result
    }
}

/// The stored form of the points of one side's commitments, which change when it is that side's turn.
struct CommitmentPointsRecord: RecordCodable {
    let current: PublicKey
    let next: PublicKey?

    init(current: PublicKey, next: PublicKey?) {
        self.current = current
        self.next = next
    }

    init(from record: inout RecordReader) throws(RecordError) {
        current = try record.requirePoint(0)
        next = try record.takePoint(2)
    }

    func write(to record: inout RecordWriter) {
        record.put(0, point: current)
        record.put(2, point: next)
    }
}
