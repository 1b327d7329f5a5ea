/// What a dishonest node does now and then.
enum Mischief: CaseIterable {
    /// Goes back to an old state of all its channels and publishes it.
    case publishOldState
    /// Says nothing for a while, and hears nothing.
    case goSilent
    /// Sends bytes that mean nothing.
    case sendGarbage
    /// Spoils the signature in a message.
    case spoilSignature
    /// Sends an earlier message once more.
    case replay
    /// Sends far more than anybody wants.
    case flood
    /// Says an error about all channels.
    case accuse
}
