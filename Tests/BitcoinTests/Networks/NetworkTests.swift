import Bitcoin
import Testing

@Suite("Networks") struct NetworkTests {
    @Test(
        "each network starts with its genesis block",
        arguments: [
            (Network.mainnet, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"),
            (.testnet3, "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"),
            (.testnet4, "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"),
            (.signet, "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"),
            (.regtest, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"),
        ])
    func genesis(_ network: Network, _ hash: String) {
        #expect(network.genesisHash.description == hash)
        #expect(network.genesisBlock.header.hasProofOfWork(on: network))
        #expect(network.genesisBlock.header.bits == network.difficulty.limitBits)
        let other: Network = network == .mainnet ? .testnet3 : .mainnet
        #expect(network.genesisHash != other.genesisHash)
    }

    @Test("the public signet's messages start with the hash of its challenge")
    func signetStart() throws {
        #expect(Network.signet.messageStart == [0x0a, 0x03, 0xcf, 0x40])
        let challenge = try Script(
            hex: "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be43051ae")
        #expect(
            Network.messageStart(signetChallenge: challenge) == [0x7e, 0xc6, 0x53, 0xa5])
    }

    @Test("no two networks share a port or the start of a message")
    func distinct() {
        #expect(Set(Network.allCases.map(\.defaultPort)).count == 5)
        #expect(Set(Network.allCases.map(\.defaultRPCPort)).count == 5)
        #expect(Set(Network.allCases.map(\.messageStart)).count == 5)
    }
}
