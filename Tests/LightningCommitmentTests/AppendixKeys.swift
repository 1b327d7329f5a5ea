import Bitcoin
import LightningCommitment
import LightningWire
import TestSupport

/// The channel of BOLT 3's appendices C and F: keys, funding and HTLCs.
struct AppendixChannel {
    /// A value in the preamble of appendix C, by its name.
    let values: [String: String]

    init(_ text: String) {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            if line.contains("name: simple") { break }
            let line = line.drop { $0 == " " }
            let named = line.hasPrefix("INTERNAL: ") ? line.dropFirst(10) : line
            let parts = named.split(separator: ":", maxSplits: 1)
            if parts.count == 2 {
                values[String(parts[0])] = String(parts[1].drop { $0 == " " })
            }
        }
        self.values = values
    }

    func value(_ name: String) throws -> String {
        guard let value = values[name] else { throw VectorFileError.notFound(name: name) }
        return value
    }

    func key(_ name: String) throws -> PrivateKey {
        // A trailing 01 says that the key is for a compressed public key.
        try PrivateKey(Hex.decode(value(name)).prefix(32))
    }

    func point(_ name: String) throws -> PublicKey { try PublicKey(Hex.decode(value(name))) }

    func htlc(_ index: Int) throws -> CommitmentHTLC {
        let direction = try value("htlc \(index) direction")
        let preimage = try preimage(index)
        return CommitmentHTLC(
            direction: direction == "local->remote" ? .offered : .received,
            id: UInt64(index),
            amount: MilliSatoshi(UInt64(try value("htlc \(index) amount_msat"))!),
            paymentHash: preimage.paymentHash,
            cltvExpiry: BlockHeight(UInt32(try value("htlc \(index) expiry"))!))
    }

    func preimage(_ index: Int) throws -> PaymentPreimage {
        try PaymentPreimage(hex: value("htlc \(index) payment_preimage"))
    }

    func parameters(_ format: CommitmentFormat) throws -> CommitmentParameters {
        let (local, remote) = (
            try point("local_funding_pubkey"), try point("remote_funding_pubkey")
        )
        return CommitmentParameters(
            format: format,
            funding: ChannelFunding(
                outPoint: OutPoint(TransactionID(try value("funding_tx_id"))!, 0),
                amount: Satoshi(10_000_000), script: FundingScript(local, remote)),
            ownerFundingKey: local, counterpartyFundingKey: remote, ownerIsOpener: true,
            dustLimit: Satoshi(546), toSelfDelay: 144,
            obscurer: CommitmentNumberObscurer(
                openerPaymentBasepoint: try point("local_payment_basepoint"),
                accepterPaymentBasepoint: try point("remote_payment_basepoint")))
    }

    func keys() throws -> CommitmentKeys {
        let (local, remote) = (
            ChannelBasepoints(
                funding: try point("local_funding_pubkey"),
                revocation: try point("local_payment_basepoint"),
                payment: try point("local_payment_basepoint"),
                delayedPayment: try point("local_delayed_payment_basepoint"),
                htlc: try point("local_htlc_basepoint")),
            ChannelBasepoints(
                funding: try point("remote_funding_pubkey"),
                revocation: try point("remote_revocation_basepoint"),
                payment: try point("remote_payment_basepoint"),
                delayedPayment: try point("remote_payment_basepoint"),
                htlc: try point("remote_htlc_basepoint"))
        )
        return try CommitmentKeys(
            perCommitmentPoint: point("local_per_commitment_point"),
            owner: local, counterparty: remote)
    }

    /// Signs both halves of a commitment transaction with the nonces of RFC 6979, as the vectors do.
    func sign(_ commitment: CommitmentTransaction, remote: ECDSASignature) throws -> Transaction {
        let local = try key("local_funding_privkey").sign(
            commitment.signatureHash, grindLowR: false)
        return commitment.signed(owner: local, counterparty: remote)
    }

    /// Signs an HTLC transaction for its owner.
    func sign(_ htlc: HTLCTransaction, remote: ECDSASignature) throws -> Transaction {
        let key = try PrivateKey(Hex.decode(value("local_privkey")).prefix(32))
        let local = key.sign(htlc.signatureHash(of: htlc.transaction, .all), grindLowR: false)
        let preimage =
            htlc.htlc.direction == .received ? try self.preimage(Int(htlc.htlc.id)) : nil
        return htlc.signed(owner: local, counterparty: remote, preimage: preimage)
    }
}
