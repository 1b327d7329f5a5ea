import Bitcoin
import ChainBackend
import LightningNode
import LightningWallet
import NodeRuntime
import NodeStorage
import Synchronization
import Testing
import Threads

/// A whole node on an embedded chain.
struct NodeHostTests {
    @Test("a node is paid, pays, and has the same balance after a restart")
    func story() throws {
        let node = try NodeFixture()
        try node.fund()
        let payment = try node.send(1_000_000)
        try eventually { node.chain.mempool() == [payment.id] }
        try node.chain.mine(1, to: NodeFixture.nobody)
        let fee = Satoshi(5_000_000_000) - payment.outputs.reduce(.zero) { $0 + $1.amount }
        #expect(fee > .zero)
        let expected = Satoshi(5_000_000_000 - 1_000_000) - fee
        try eventually { try node.balance().confirmed == expected }
        node.service.stop()

        let again = try NodeFixture(chain: node.chain, store: node.store)
        #expect(try again.balance().confirmed == expected)
        try node.chain.mine(1, to: again.address().script)
        try eventually { again.service.chainHealth.tip?.height == BlockHeight(103) }
        again.service.stop()
    }

    @Test("whoever waits for a node to catch up learns that it is stopped instead")
    func stoppedMeanwhile() throws {
        let host = try NodeHost(
            network: .regtest, store: MemoryStore(), backend: EmbeddedChain(), log: .silent,
            onFailure: { _ in })
        let outcome = Mutex<NodeFailure?>(nil)
        let isWaiting = Mutex(false)
        let thread = SystemThread("waiter") {
            isWaiting.withLock { $0 = true }
            do throws(NodeFailure) {
                try host.waitUntilSynced()
            } catch {
                outcome.withLock { $0 = error }
            }
        }
        try eventually { isWaiting.withLock { $0 } }
        host.stop()
        thread.join()
        #expect(outcome.withLock { $0 } == .stopping)
    }

    @Test("what a stop kept from being broadcast goes out after the restart")
    func rebroadcast() throws {
        let node = try NodeFixture()
        try node.fund()
        let payment = try node.send(1_000_000)
        try eventually { node.chain.mempool() == [payment.id] }
        node.service.stop()
        // The chain forgets its mempool, as a bitcoind without one on disk does.
        let other = EmbeddedChain()
        for height in 1...101 {
            let hash = try #require(node.chain.blockHash(at: BlockHeight(UInt32(height))))
            try other.submit(node.chain.block(hash))
        }
        #expect(other.mempool().isEmpty)
        let again = try NodeFixture(chain: other, store: node.store)
        try eventually { other.mempool() == [payment.id] }
        again.service.stop()
    }

    @Test("a reorganisation takes a payment back and the next block gives it again")
    func reorganisation() throws {
        let node = try NodeFixture()
        try node.fund()
        let payment = try node.send(1_000_000)
        try eventually { node.chain.mempool() == [payment.id] }
        let hashes = try node.chain.mine(1, to: NodeFixture.nobody)
        try eventually { try node.balance().unconfirmed == .zero }
        let confirmed = try node.balance().confirmed
        try node.chain.invalidate(#require(hashes.first))
        try eventually { try node.balance().unconfirmed > .zero }
        try node.chain.mine(2, to: NodeFixture.nobody)
        try eventually { try node.balance().confirmed == confirmed }
        node.service.stop()
    }

    @Test("a payment by others is seen before it is mined")
    func seenInMempool() throws {
        let payer = try NodeFixture()
        try payer.fund()
        let payee = try NodeFixture(chain: payer.chain)
        try eventually { payee.service.currentState == .serverActive }
        _ = try payer.send(70_000, to: payee.address(.taproot).script)
        try eventually { try payee.balance().unconfirmed == Satoshi(70_000) }
        payer.service.stop()
        payee.service.stop()
    }

    @Test("a chain of unconfirmed transactions in the mempool is taken in from its first on")
    func mempoolChain() throws {
        let chain = EmbeddedChain()
        let mnemonic = try Mnemonic(entropy: SecretBytes(SystemEntropy.bytes(16)))
        let seed = try WalletSeed(mnemonic: mnemonic)
        func node() throws -> NodeHost {
            let service = try NodeHost(
                network: .regtest, store: MemoryStore(), backend: chain, log: .silent,
                onFailure: { _ in })
            try service.createWallet(
                WalletPlan(seed: seed, isRestored: true), password: NodeFixture.password)
            return service
        }
        let first = try node()
        guard
            case .address(let address, _) = try first.perform(
                .books(.newAddress(.taproot, reuse: false)))
        else { throw FixtureError.unexpectedReply }
        try chain.mine(1, to: address.script)
        try chain.mine(100, to: NodeFixture.nobody)
        try eventually { first.chainHealth.tip?.height == BlockHeight(101) }
        // Each spends the change of the one before.
        for number in 1...12 {
            try eventually { chain.mempool().count == number - 1 }
            var request = SpendRequest(
                outputs: [
                    TransactionOutput(
                        amount: Satoshi(1_000_000), scriptPubKey: NodeFixture.nobody)
                ], feeRate: FeeratePerKw(500))
            request.coins.minimumConfirmations = 0
            _ = try first.perform(.spend(.send(request, label: "")))
        }
        try eventually { chain.mempool().count == 12 }
        guard case .balance(let balance) = try first.perform(.books(.balance)) else {
            throw FixtureError.unexpectedReply
        }
        first.stop()
        // Another wallet of the same words finds the chain in the mempool.
        let second = try node()
        try eventually {
            guard case .balance(let found) = try second.perform(.books(.balance)) else {
                throw FixtureError.unexpectedReply
            }
            return found.total == balance.total
        }
        second.stop()
    }

    @Test("the wallet opens with its password alone, and once")
    func passwords() throws {
        let node = try NodeFixture()
        node.service.stop()
        let service = try NodeHost(
            network: .regtest, store: node.store, backend: node.chain, log: .silent,
            onFailure: { _ in })
        #expect(service.currentState == .locked)
        #expect(throws: NodeFailure.self) { try service.perform(.status) }
        #expect(throws: WalletLockError.wrongPassword) {
            try service.unlock(password: SecretBytes(Array("wrong password".utf8)))
        }
        let new = SecretBytes(Array("another password".utf8))
        try service.changePassword(from: NodeFixture.password, to: new)
        #expect(throws: WalletLockError.open) { try service.unlock(password: new) }
        service.stop()
    }

    @Test("a restored wallet finds what its words own in old blocks")
    func restore() throws {
        let chain = EmbeddedChain()
        let mnemonic = try Mnemonic(entropy: SecretBytes(SystemEntropy.bytes(32)))
        let seed = try WalletSeed(mnemonic: mnemonic)
        func node(isRestored: Bool) throws -> NodeHost {
            let service = try NodeHost(
                network: .regtest, store: MemoryStore(), backend: chain, log: .silent,
                onFailure: { _ in })
            try service.createWallet(
                WalletPlan(seed: seed, isRestored: isRestored), password: NodeFixture.password)
            return service
        }
        let first = try node(isRestored: false)
        guard
            case .address(let address, _) = try first.perform(
                .books(.newAddress(.taproot, reuse: false)))
        else { throw FixtureError.unexpectedReply }
        try chain.mine(3, to: address.script)
        first.stop()
        let second = try node(isRestored: true)
        try eventually { second.currentState == .serverActive }
        guard case .balance(let balance) = try second.perform(.books(.balance)) else {
            throw FixtureError.unexpectedReply
        }
        #expect(balance.immature == Satoshi(3 * 5_000_000_000))
        second.stop()
    }
}
