import Bitcoin
import RegtestChain

extension EmbeddedChain {
    public func status() -> ChainStatus {
        withChain { chain, _ in
            ChainStatus(
                network: .regtest, height: chain.tip.height, tip: chain.tip.hash,
                headerHeight: chain.tip.height, isInitialDownload: false, prunedBelow: nil,
                medianTime: chain.tip.medianTime, subversion: EmbeddedChain.subversion)
        }
    }

    /// The version of bitcoind whose rules and methods are followed, as it counts them: 29.1.0.
    public static let version = 290_100

    /// The name of the software, in the form that nodes tell each other.
    public static let subversion = "/Satoshi:29.1.0/Salama:0.1.0/"

    public func blockHash(at height: BlockHeight) -> BlockHash? {
        withChain { chain, _ in chain.blockHash(at: height) }
    }

    public func blockHashes(from first: BlockHeight, count: Int) -> [BlockHash] {
        withChain { chain, _ in
            var hashes: [BlockHash] = []
            while hashes.count < count,
                let hash = chain.blockHash(at: first + UInt32(hashes.count))
            {
                hashes.append(hash)
            }
            return hashes
        }
    }

    public func header(of block: BlockHash) -> ChainHeader? {
        withChain { chain, _ in
            chain.node(block).map {
                ChainHeader(
                    header: $0.header, height: $0.height,
                    isInBestChain: chain.isInBestChain($0))
            }
        }
    }

    public func block(_ hash: BlockHash) throws(ChainError) -> Block {
        let block = withChain { chain, _ in chain.block(hash)?.block }
        guard let block else { throw .unknownBlock(hash) }
        return block
    }

    public func unspentOutput(
        _ outPoint: OutPoint, includingMempool: Bool
    ) -> UnspentOutput? {
        withChain { chain, _ in
            let coin = chain.unspentOutput(outPoint, includingMempool: includingMempool)
            if let coin {
                return UnspentOutput(
                    output: coin.output, height: coin.height, isCoinbase: coin.isCoinbase)
            }
            guard includingMempool else { return nil }
            return chain.unspentMempoolOutput(outPoint).map {
                UnspentOutput(output: $0, height: nil, isCoinbase: false)
            }
        }
    }

    public func mempoolTransaction(_ id: TransactionID) -> Transaction? {
        withChain { chain, _ in chain.mempool[id]?.transaction }
    }

    public func mempool() -> [TransactionID] {
        withChain { chain, _ in chain.mempool.entries.keys.sorted() }
    }

    public func estimateFee(blocks: Int) -> FeeratePerKw? {
        estimateFee(blocks: blocks, mode: .economical)
    }

    public func estimateFee(blocks: Int, mode: FeeEstimateMode) -> FeeratePerKw? {
        withChain { chain, now in
            chain.estimateFee(blocks: blocks, isConservative: mode == .conservative, now: now)
                .flatMap(FeeratePerKw.init(roundingUp:))
        }
    }

    public func minimumMempoolFee() -> FeeratePerKw {
        withChain { chain, now in
            FeeratePerKw(roundingUp: chain.minimumMempoolFeerate(now: now)) ?? FeeratePerKw(.max)
        }
    }
}

extension FeeratePerKw {
    /// A rate in the coarser unit of relay policy; nil past 2^32 sat/kw.
    init?(roundingUp rate: FeeratePerKvB) {
        self.init(satoshiPerKilovirtualByte: UInt64(clamping: rate.value))
    }
}
