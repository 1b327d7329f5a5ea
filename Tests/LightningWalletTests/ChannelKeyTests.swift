import Bitcoin
import LightningCommitment
import LightningWallet
import Testing

/// The keys of channels as the wallet's seed gives them.
@Suite("Channel keys") struct ChannelKeyTests {
    @Test("channel keys stand below the Lightning purpose, apart from accounts and identity")
    func paths() throws {
        let master = try WalletSeed(mnemonic: Mnemonic(TestWallet.words)).masterKey()
        let number = try #require(ChannelKeyNumber(3))
        for (network, coin) in [(Network.mainnet, 0), (.regtest, 1), (.signet, 1)] {
            let keys = try WalletKeys(master: master, network: network)
            let points = try keys.channels.signer(number).basepoints(funding: 0)
            func key(_ path: String) throws -> PublicKey {
                try master.derive(DerivationPath("m/9735'/\(coin)'/1'/3'/\(path)")).key.publicKey
            }
            #expect(points.funding == (try key("0'/0'")))
            #expect(points.payment == (try key("2'")))
            #expect(points.htlc == (try key("4'")))
            #expect(keys.nodeKey.publicKey != points.funding)
        }
    }
}
