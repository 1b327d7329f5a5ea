import Bitcoin
import LightningCommitment
import LightningWire

/// The stored form of ``ChannelParameters``.
struct ChannelParametersRecord: RecordCodable {
    let parameters: ChannelParameters

    init(_ parameters: ChannelParameters) { self.parameters = parameters }

    init(from record: inout RecordReader) throws(RecordError) {
        guard let keys = ChannelKeyNumber(try record.requireNumber(0)) else {
            throw .invalidField(type: 0)
        }
        let channelID = ChannelID(try record.requireHash(2))
        let channelType = Features(try record.requireBytes(4))
        let opener = try record.requireCase(6, of: Party.self)
        let local = try PartyParameters(record: try record.requireBytes(8))
        let remote = try PartyParameters(record: try record.requireBytes(10))
        let dust = try record.requireMilliSatoshi(12)
        guard
            let parameters = ChannelParameters(
                keys: keys, channelID: channelID, channelType: channelType, opener: opener,
                local: local, remote: remote, maximumDustExposure: dust)
        else { throw .invalidField(type: 4) }
        self.parameters = parameters
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: UInt64(parameters.keys.value))
        record.put(2, parameters.channelID.hash.bytes)
        record.put(4, parameters.channelType.bytes)
        record.put(6, integer: UInt64(parameters.opener.rawValue))
        record.put(8, parameters.local.record)
        record.put(10, parameters.remote.record)
        record.put(12, parameters.maximumDustExposure)
    }
}

extension PartyParameters: RecordCodable {
    public init(from record: inout RecordReader) throws(RecordError) {
        dustLimit = try record.requireSatoshi(0)
        maximumInFlight = try record.requireMilliSatoshi(2)
        reserveOfOther = try record.requireSatoshi(4)
        htlcMinimum = try record.requireMilliSatoshi(6)
        delayOfOther = try record.requireNumber(8)
        maximumAcceptedHTLCs = try record.requireNumber(10)
        basepoints = ChannelBasepoints(
            funding: try record.requirePoint(12), revocation: try record.requirePoint(14),
            payment: try record.requirePoint(16), delayedPayment: try record.requirePoint(18),
            htlc: try record.requirePoint(20))
        upfrontShutdownScript = try record.takeBytes(22).map { Script($0) }
    }

    public func write(to record: inout RecordWriter) {
        record.put(0, dustLimit)
        record.put(2, maximumInFlight)
        record.put(4, reserveOfOther)
        record.put(6, htlcMinimum)
        record.put(8, integer: UInt64(delayOfOther))
        record.put(10, integer: UInt64(maximumAcceptedHTLCs))
        record.put(12, point: basepoints.funding)
        record.put(14, point: basepoints.revocation)
        record.put(16, point: basepoints.payment)
        record.put(18, point: basepoints.delayedPayment)
        record.put(20, point: basepoints.htlc)
        record.put(22, upfrontShutdownScript?.bytes)
    }
}

/// The stored form of what is fixed of an ``ActiveFunding``.
struct ActiveFundingRecord: RecordCodable {
    let funding: ChannelFunding
    let localKey: PublicKey
    let remoteKey: PublicKey

    init(_ active: ActiveFunding) {
        self.init(
            funding: active.funding, localKey: active.localKey, remoteKey: active.remoteKey)
    }

    init(funding: ChannelFunding, localKey: PublicKey, remoteKey: PublicKey) {
        self.funding = funding
        self.localKey = localKey
        self.remoteKey = remoteKey
    }

    init(from record: inout RecordReader) throws(RecordError) {
        let outPoint: OutPoint = try record.require(0)
        let amount = try record.requireSatoshi(2)
        let number: UInt32 = try record.requireNumber(4)
        localKey = try record.requirePoint(6)
        remoteKey = try record.requirePoint(8)
        funding = ChannelFunding(
            outPoint: outPoint, amount: amount, script: FundingScript(localKey, remoteKey),
            number: number)
    }

    func write(to record: inout RecordWriter) {
        record.put(0, funding.outPoint)
        record.put(2, funding.amount)
        record.put(4, integer: UInt64(funding.number))
        record.put(6, point: localKey)
        record.put(8, point: remoteKey)
    }
}

/// The stored form of the peer's signatures of a commitment: 64 bytes each.
struct SignaturesRecord: RecordCodable {
    let signatures: CommitmentSignatures

    init(_ signatures: CommitmentSignatures) { self.signatures = signatures }

    init(from record: inout RecordReader) throws(RecordError) {
        let bytes = try record.requireBytes(0)
        guard bytes.count >= 64, bytes.count % 64 == 0 else { throw .invalidField(type: 0) }
        var all: [ECDSASignature] = []
        for start in stride(from: 0, to: bytes.count, by: 64) {
            guard let one = try? ECDSASignature(compact: Array(bytes[start..<start + 64])) else {
                throw .invalidField(type: 0)
            }
            all.append(one)
        }
        signatures = CommitmentSignatures(commitment: all[0], htlcs: Array(all[1...]))
    }

    func write(to record: inout RecordWriter) {
        var bytes = signatures.commitment.compact
        bytes.reserveCapacity(64 * (1 + signatures.htlcs.count))
        for htlc in signatures.htlcs { bytes += htlc.compact }
        record.put(0, bytes)
    }
}
