import Bitcoin
import LightningPayment
import LightningWire
import NodeAPI

extension RouteMessage {
    /// The route of a part of a payment; `order` tells what the payee reads besides.
    init(_ route: PaymentRoute, total: MilliSatoshi, secret: Hash256?) {
        self.init()
        let nodes = route.hops
        totalTimeLock = nodes.first?.cltvExpiry.value ?? 0
        totalFeesMsat = route.fee.interfaceValue
        totalFees = route.fee.interfaceSatoshis
        totalAmtMsat = route.sentAmount.interfaceValue
        totalAmt = route.sentAmount.interfaceSatoshis
        firstHopAmountMsat = totalAmtMsat
        hops = nodes.indices.map { index in
            // What arrives at the next node is what this one passes on.
            let next = nodes.indices.contains(index + 1) ? nodes[index + 1] : nil
            let forwarded = next?.amount ?? route.blindedTail?.amount ?? nodes[index].amount
            let expiry =
                next?.cltvExpiry ?? route.blindedTail?.cltvExpiry ?? nodes[index].cltvExpiry
            return HopMessage(nodes[index], forwarding: forwarded, until: expiry)
        }
        guard let last = hops.indices.last else { return }
        if let tail = route.blindedTail {
            hops[last].blindingPoint = tail.path.firstPathKey.bytes
            hops[last].encryptedData = tail.path.hops.first?.encryptedRecipientData ?? []
            hops += tail.path.hops.dropFirst().map { HopMessage($0, tail) }
            hops[hops.count - 1].totalAmtMsat = total.value
        } else if let secret {
            var record = MPPRecordMessage()
            record.paymentAddr = secret.bytes
            record.totalAmtMsat = total.interfaceValue
            hops[last].mppRecord = record
        }
    }

    /// The route that a user gives, with what its last node is to read.
    func route() throws(APIError) -> PaymentRoute {
        guard !hops.isEmpty else {
            throw APIError(.invalidArgument, "a route needs at least one hop")
        }
        var amount = try Self.amount(totalAmtMsat, totalAmt, "total_amt_msat")
        var expiry = totalTimeLock
        var result: [RouteHop] = []
        for hop in hops {
            guard hop.blindingPoint.isEmpty, hop.encryptedData.isEmpty, hop.ampRecord == nil else {
                throw APIError(
                    .unimplemented,
                    "routes with blinded hops or AMP records are not sent along; nothing was sent")
            }
            result.append(
                RouteHop(
                    node: try NodeID(interface: hop.pubKey, "a hop's pub_key"),
                    channel: ShortChannelID(hop.chanId), amount: amount,
                    cltvExpiry: BlockHeight(expiry)))
            (amount, expiry) = (
                try Self.amount(
                    hop.amtToForwardMsat, hop.amtToForward, "a hop's amt_to_forward_msat"),
                hop.expiry
            )
        }
        guard amount == result.last?.amount, BlockHeight(expiry) == result.last?.cltvExpiry else {
            throw APIError(
                .invalidArgument,
                "the last hop must keep nothing: its amt_to_forward_msat and expiry are those of the"
                    + " hop before")
        }
        return PaymentRoute(hops: result)
    }

    private static func amount(
        _ millisatoshis: Int64, _ satoshis: Int64, _ name: String
    ) throws(APIError) -> MilliSatoshi {
        // Routes that the node itself told of have both.
        let amount =
            millisatoshis > 0
            ? try MilliSatoshi(interface: 0, millisatoshis, name)
            : try MilliSatoshi(interface: satoshis, 0, name)
        guard let amount else { throw APIError(.invalidArgument, "\(name) is missing") }
        return amount
    }
}

extension HopMessage {
    fileprivate init(
        _ hop: RouteHop, forwarding amount: MilliSatoshi, until expiry: BlockHeight
    ) {
        self.init()
        pubKey = hop.node.description
        chanId = hop.channel.value
        let kept = hop.amount.subtracting(amount) ?? .zero
        fee = kept.interfaceSatoshis
        feeMsat = kept.interfaceValue
        amtToForward = amount.interfaceSatoshis
        amtToForwardMsat = amount.interfaceValue
        self.expiry = expiry.value
        tlvPayload = true
    }

    /// A hop behind the introduction node of a blinded path, known by a key of this path alone.
    fileprivate init(_ hop: BlindedHop, _ tail: BlindedTail) {
        self.init()
        pubKey = hop.blindedNodeID.description
        amtToForward = tail.amount.interfaceSatoshis
        amtToForwardMsat = tail.amount.interfaceValue
        expiry = tail.cltvExpiry.value
        tlvPayload = true
        encryptedData = hop.encryptedRecipientData
    }
}
