/// How far an update has come: an HTLC's addition or removal, or a fee rate (BOLT 2, "Normal Operation").
///
/// BOLT 2: "Counter-intuitively, these updates apply to the *other node's* commitment transaction; the node only adds
/// those updates to its own commitment transaction when the remote node acknowledges it has applied them via
/// `revoke_and_ack`."
///
///     proposer                                      receiver
///     proposed       ---- update_add_htlc ----->    proposed
///     signed         --- commitment_signed ---->    acked          in the receiver's commitment
///     acked          <---- revoke_and_ack ------
///     irrevocable    <--- commitment_signed ----    countersigned  in the proposer's commitment too
///                    ----- revoke_and_ack ----->    irrevocable
///
/// Each side answers `commitment_signed` with `revoke_and_ack` in the same step, so the receiver of an update never rests
/// at ``signed``, nor its proposer at ``countersigned``.
///
/// An HTLC goes up the ladder twice: first with its addition, which its offerer proposes, then with its removal, which
/// the other side proposes.
public enum UpdateStage: UInt8, Hashable, Comparable, Sendable {
    /// BOLT 2: "pending on the receiver"
    case proposed = 0
    /// BOLT 2: "in the receiver's latest commitment transaction"
    case signed = 1
    /// BOLT 2: "and the receiver's previous commitment transaction has been revoked, and the update is pending on the
    /// sender"
    case acked = 2
    /// BOLT 2: "and in the sender's latest commitment transaction"
    case countersigned = 3
    /// BOLT 2: "and the sender's previous commitment transaction has been revoked"
    case irrevocable = 4

    public static func < (left: UpdateStage, right: UpdateStage) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// How one message of a commitment's round trip moves the updates of each side up the ladder.
struct StageMove {
    let local: (from: UpdateStage, to: UpdateStage)
    let remote: (from: UpdateStage, to: UpdateStage)

    subscript(party: Party) -> (from: UpdateStage, to: UpdateStage) {
        switch party {
        case .local: local
        case .remote: remote
        }
    }

    /// This side has sent `commitment_signed`.
    static let commitmentSent = StageMove(
        local: (.proposed, .signed), remote: (.acked, .countersigned))
    /// The peer has answered it with `revoke_and_ack`.
    static let revocationReceived = StageMove(
        local: (.signed, .acked), remote: (.countersigned, .irrevocable))
    /// The peer has sent `commitment_signed`, and this side answers with `revoke_and_ack`.
    static let commitmentReceived = StageMove(
        local: (.acked, .irrevocable), remote: (.proposed, .acked))
}
