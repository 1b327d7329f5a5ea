import Bitcoin
import LightningCrypto
import LightningWire

/// An HTLC that is irrevocably committed and waits for this node to do something about it.
public struct ReceivedHTLC: Hashable, Sendable {
    public var name: HTLCName
    public var payment: IncomingPayment
    /// Whether its peer has negotiated `option_attribution_data`.
    public var isAttributed: Bool
    /// Whether its channel holds too much in HTLCs without outputs, so that it has to be failed.
    public var exceedsDustExposure: Bool
    /// Whether it was there before the node's last start, and an answer may have been decided then.
    public var isRepeated: Bool

    /// An HTLC of these parts.
    public init(
        name: HTLCName, payment: IncomingPayment, isAttributed: Bool = false,
        exceedsDustExposure: Bool = false, isRepeated: Bool = false
    ) {
        self.name = name
        self.payment = payment
        self.isAttributed = isAttributed
        self.exceedsDustExposure = exceedsDustExposure
        self.isRepeated = isRepeated
    }

    /// Reads the onion, which costs curve operations and nothing else: many may be read at the same time on several cores.
    public func opened(with key: some OnionNodeKey, height: BlockHeight) -> OpenedHTLC {
        OpenedHTLC(received: self, content: payment.open(with: key, height: height))
    }
}

/// An HTLC whose onion was read.
public struct OpenedHTLC: Hashable, Sendable {
    public let received: ReceivedHTLC
    /// What its onion says is to become of it.
    public let content: OpenedPayment

    /// Where the HTLC is to go on; nil where it is not.
    public var next: NextPeer? {
        guard case .forward(let forward) = content else { return nil }
        return forward.next
    }

    func answerable(_ reporter: FailureReporter, at moment: PaymentMoment) -> AnswerableHTLC {
        AnswerableHTLC(
            name: received.name, reporter: reporter, arrival: moment.time,
            isAttributed: received.isAttributed)
    }
}

/// An HTLC that ends here, for ``Invoices`` to decide about.
public struct ReceivedPart: Hashable, Sendable {
    /// What the HTLC and its onion say.
    public let receipt: PaymentReceipt
    let htlc: AnswerableHTLC
    let isRepeated: Bool

    /// The HTLC.
    public var name: HTLCName { htlc.name }
}
