import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

extension FuzzTarget {
    /// What a hostile peer says to a channel.
    static let channelMessages: [FuzzTarget] = [
        target("channel-messages", HostilePeer.updates),
        target("closing-messages-legacy", HostilePeer.legacy),
        target("closing-messages-simple", HostilePeer.simple),
    ]

    private static func target(_ name: String, _ peer: HostilePeer?) -> FuzzTarget {
        FuzzTarget(name, seeds: peer?.seeds ?? []) { bytes in
            guard var peer else { throw FuzzFailure("\(name): there is no channel") }
            try peer.say(bytes)
        }
    }
}

/// A channel and what the peer said first. The input is a row of messages, each with its length before it.
private struct HostilePeer {
    var commitments: Commitments
    var negotiation: ClosingNegotiation
    let signer: InProcessSigner
    let messages: [Message]

    /// In the middle of everything.
    static let updates: HostilePeer? = {
        guard let channel = try? SampleChannel() else { return nil }
        return HostilePeer(
            commitments: channel.sides[0], negotiation: negotiation(true),
            signer: channel.signers[0], messages: channel.messages)
    }()

    static let legacy = try? closing(false)
    static let simple = try? closing(true)

    /// After both `shutdown`s.
    private static func closing(_ isSimple: Bool) throws -> HostilePeer {
        let channel = try SampleChannel.drained()
        var (one, other) = (channel.sides[0], channel.sides[1])
        let script = Script([0, 20] + [UInt8](repeating: 1, count: 20))
        let message = Shutdown(channelID: one.parameters.channelID, script: script)
        _ = try one.sendShutdown(to: script, allowed(isSimple))
        _ = try other.sendShutdown(to: script, allowed(isSimple))
        _ = try one.receive(message, allowed(isSimple))
        _ = try other.receive(message, allowed(isSimple))
        var (opener, accepter) = (negotiation(isSimple), negotiation(isSimple))
        var messages = try opener.start(one, channel.signers[0]).messages
        // In the newer form it answers this side's proposal, too.
        for case .closingComplete(let proposal) in try accepter.start(other, channel.signers[1])
            .messages
        {
            messages += try opener.receive(proposal, &one, channel.signers[0]).messages
        }
        return HostilePeer(
            commitments: other, negotiation: accepter, signer: channel.signers[1],
            messages: messages)
    }

    private static func allowed(_ simple: Bool) -> ClosingScripts {
        ClosingScripts(anySegwit: true, simpleClose: simple)
    }

    private static func negotiation(_ simple: Bool) -> ClosingNegotiation {
        ClosingNegotiation(
            allowed(simple),
            ClosingPreferences(
                feerate: FeeratePerKw(1000), acceptable: FeeratePerKw(253)...FeeratePerKw(2000)))
    }

    var seeds: [[UInt8]] {
        var writer = ByteWriter()
        for message in messages {
            let bytes = message.encoded
            writer.writeBigEndian(UInt16(bytes.count))
            writer.write(bytes)
        }
        return [writer.bytes]
    }

    /// Takes the messages; one that is refused has to leave everything as it was.
    mutating func say(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes.span.bytes)
        while let length: UInt16 = try? reader.readBigEndian(),
            let bytes = try? reader.readBytes(min(Int(length), reader.remaining))
        {
            guard let message = try? Message(decoding: bytes) else { continue }
            let before = (commitments, negotiation)
            do {
                try hear(message)
            } catch {
                guard (commitments, negotiation) == before else {
                    throw FuzzFailure("a refused \(type(of: message)) has changed the channel")
                }
            }
            try checkMoney()
        }
    }

    private mutating func hear(_ message: Message) throws {
        if case .commitmentSigned(let message) = message {
            _ = try commitments.receive([message], signer)
        } else if case .revokeAndAck(let message) = message {
            _ = try commitments.receive(message)
        } else if case .channelReestablish(let message) = message {
            _ = try commitments.retransmission(after: message, signer)
        } else if case .shutdown(let message) = message {
            _ = try commitments.receive(message, Self.allowed(true))
        } else if case .stfu(let message) = message {
            _ = try commitments.receive(message)
        } else if case .closingSigned(let message) = message {
            _ = try negotiation.receive(message, commitments, signer)
        } else if case .closingComplete(let message) = message {
            _ = try negotiation.receive(message, &commitments, signer)
        } else if case .closingSig(let message) = message {
            _ = try negotiation.receive(message, commitments, signer)
        } else if case .updateAddHTLC(let message) = message {
            _ = try commitments.receive(message)
        } else if case .updateFulfillHTLC(let message) = message {
            _ = try commitments.receive(message)
        } else if case .updateFailHTLC(let message) = message {
            _ = try commitments.receive(message)
        } else if case .updateFailMalformedHTLC(let message) = message {
            _ = try commitments.receive(message)
        } else if case .updateFee(let message) = message {
            _ = try commitments.receive(
                message, acceptable: FeeratePerKw(253)...FeeratePerKw(.max))
        }
    }

    private func checkMoney() throws {
        for funding in commitments.fundings {
            for view in [CommitmentView.local, .localNext, .remoteNext] {
                let state = commitments.state(view, funding)
                let sum = state.htlcs.reduce(state.ownerBalance + state.counterpartyBalance) {
                    $0 + $1.amount
                }
                guard sum == MilliSatoshi(funding.funding.amount) else {
                    throw FuzzFailure("a commitment loses money")
                }
            }
        }
    }
}
