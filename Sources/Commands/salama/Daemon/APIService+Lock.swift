import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer

/// Before there is an open wallet.
extension APIService {
    func genSeed(_ request: GenSeedRequest, _ reply: Reply<GenSeedResponse>) {
        let entropy = request.seedEntropy.isEmpty ? SystemEntropy.bytes(32) : request.seedEntropy
        do throws(MnemonicError) {
            let mnemonic = try Mnemonic(entropy: SecretBytes(entropy))
            var response = GenSeedResponse()
            response.cipherSeedMnemonic = mnemonic.words
            response.encipheredSeed = entropy
            reply(response)
        } catch {
            reply.fail(.invalidArgument, "\(error)")
        }
    }

    func initWallet(_ request: InitWalletRequest, _ reply: Reply<Empty>) {
        work(reply) { [self] in
            guard request.extendedMasterKey.isEmpty else {
                throw APIError(.unimplemented, "a wallet is made of words, not of an extended key")
            }
            guard (0...20_000).contains(request.recoveryWindow) else {
                throw APIError(.invalidArgument, "recovery_window must be from 0 to 20000")
            }
            let passphrase = String(decoding: request.aezeedPassphrase, as: UTF8.self)
            let seed: WalletSeed
            do throws(MnemonicError) {
                let words = request.cipherSeedMnemonic.joined(separator: " ")
                seed = try WalletSeed(mnemonic: Mnemonic(words), passphrase: passphrase)
            } catch {
                throw APIError(.invalidArgument, "\(error)")
            }
            let isRestored = request.recoveryWindow > 0
            let standard = WalletParameters().lookahead
            let plan = WalletPlan(
                seed: seed, isRestored: isRestored,
                lookahead: isRestored ? max(standard, UInt32(request.recoveryWindow)) : standard)
            try host.createWallet(plan, password: SecretBytes(request.walletPassword))
            try restore(request.channelBackups, after: "the wallet is made")
            return Empty()
        }
    }

    /// Takes the channels of backups in, once the wallet is open.
    private func restore(_ backups: ChanBackupSnapshot?, after achieved: String) throws {
        guard let files = backups?.files, !files.isEmpty else { return }
        do throws(NodeFailure) {
            _ = try host.perform(.backup(.restore(files)))
        } catch {
            let failure = APIError(error)
            throw APIError(
                failure.code, "\(achieved), but no channel is restored: \(failure.message)")
        }
    }

    func unlockWallet(_ request: UnlockWalletRequest, _ reply: Reply<Empty>) {
        work(reply) { [self] in
            try host.unlock(password: SecretBytes(request.walletPassword))
            try restore(request.channelBackups, after: "the wallet is open")
            return Empty()
        }
    }

    func changePassword(_ request: ChangePasswordRequest, _ reply: Reply<Empty>) {
        work(reply) { [host] in
            try host.changePassword(
                from: SecretBytes(request.currentPassword), to: SecretBytes(request.newPassword))
            return Empty()
        }
    }
}
