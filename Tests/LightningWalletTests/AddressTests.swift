import Bitcoin
import LightningWallet
import TestSupport
import Testing

@Suite("Addresses") struct AddressTests {
    static func mainnet() throws -> Wallet {
        let seed = try WalletSeed(mnemonic: Mnemonic(TestWallet.words))
        let keys = try WalletKeys(master: seed.masterKey(), network: .mainnet)
        return try Wallet.create(
            network: .mainnet, accounts: keys.publicAccounts, birthday: BlockHeight(0),
            parameters: .forTests
        ).wallet
    }

    @Test(
        "addresses are those of BIP 84 and BIP 86 for their test mnemonic",
        arguments: [
            (
                AccountKind.witness, AccountBranch.external, UInt32(0),
                "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
            ),
            (.witness, .external, 1, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"),
            (.witness, .change, 0, "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"),
            (
                .taproot, .external, 0,
                "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
            ),
            (
                .taproot, .external, 1,
                "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh"
            ),
            (
                .taproot, .change, 0,
                "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"
            ),
            (.nestedWitness, .external, 0, "37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf"),
        ])
    func standardAddresses(
        account: AccountKind, branch: AccountBranch, index: UInt32, expected: String
    ) throws {
        let wallet = try Self.mainnet()
        let address = try wallet.address(at: WalletKeyPath(account, branch, index))
        #expect(address.description == expected)
    }

    @Test("a new address is fresh each time, and its counter is in the step's writes")
    func freshAddresses() throws {
        var test = try TestWallet()
        let first = try test.newAddress()
        let second = try test.newAddress()
        #expect(first != second)
        var restarted = try test.rebuilt()
        #expect(restarted == test.wallet)
        let third = try restarted.newAddress(.witness).address
        #expect(third != first && third != second)
    }

    @Test("an unused address is given out until it is paid")
    func unusedAddresses() throws {
        var test = try TestWallet()
        var generator = SeededGenerator(seed: 1)
        var chain = SimulatedChain()
        let (first, _, step) = try test.wallet.unusedAddress(.taproot)
        test.apply(step)
        #expect(try test.wallet.unusedAddress(.taproot).address == first)
        #expect(try test.wallet.unusedAddress(.taproot).step.writes.isEmpty)
        let block = chain.mine(reward: first.script, shuffledBy: &generator)
        var scanner = test.wallet.scanner()
        try test.receive(.blocksConnected([scanner.scan(block, at: BlockHeight(1))]))
        #expect(try test.wallet.unusedAddress(.taproot).address != first)
    }

    @Test("the node's key is on its own path, apart from the accounts")
    func nodeKey() throws {
        let seed = try WalletSeed(mnemonic: Mnemonic(TestWallet.words))
        let keys = try WalletKeys(master: seed.masterKey(), network: .regtest)
        let path = try DerivationPath("m/9735'/1'/0'")
        #expect(try keys.nodeKey == seed.masterKey().derive(path).key)
        #expect(KeyScheme.nodeIdentity(network: .regtest) == path)
    }
}
