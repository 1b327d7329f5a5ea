extension Network {
    /// The first block, which every node of the network knows.
    public var genesisBlock: Block {
        switch self {
        case .mainnet:
            GenesisBlock.early(time: 1_231_006_505, bits: 0x1d00_ffff, nonce: 2_083_236_893)
        case .testnet3:
            GenesisBlock.early(time: 1_296_688_602, bits: 0x1d00_ffff, nonce: 414_098_458)
        case .testnet4:
            GenesisBlock.make(
                headline:
                    "03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e",
                key: [UInt8](repeating: 0, count: 33), time: 1_714_777_860, bits: 0x1d00_ffff,
                nonce: 393_743_547)
        case .signet: GenesisBlock.early(time: 1_598_918_400, bits: 0x1e03_77ae, nonce: 52_613_770)
        case .regtest: GenesisBlock.early(time: 1_296_688_602, bits: 0x207f_ffff, nonce: 2)
        }
    }

    /// The hash of the first block; the public signet and private ones share it.
    public var genesisHash: BlockHash { genesisBlock.hash }
}

private enum GenesisBlock {
    /// The first block with the headline and key of 2009, which all networks before testnet4 have.
    static func early(time: UInt32, bits: UInt32, nonce: UInt32) -> Block {
        make(
            headline: "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks",
            key: firstKey, time: time, bits: bits, nonce: nonce)
    }

    static func make(
        headline: String, key: [UInt8], time: UInt32, bits: UInt32, nonce: UInt32
    ) -> Block {
        var scriptSig = Script()
        scriptSig.appendDataPush([0xff, 0xff, 0x00, 0x1d])
        scriptSig.appendDataPush([4])
        scriptSig.appendDataPush(Array(headline.utf8))
        let coinbase = Transaction(
            version: 1,
            inputs: [TransactionInput(previousOutput: .null, scriptSig: scriptSig)],
            outputs: [
                TransactionOutput(
                    amount: Satoshi(5_000_000_000),
                    scriptPubKey: ScriptBuilder().push(key).op(.checkSig).script)
            ])
        let header = BlockHeader(
            version: 1, previousBlock: BlockHash(.zero), merkleRoot: coinbase.id.hash, time: time,
            bits: bits, nonce: nonce)
        return Block(header: header, transactions: [coinbase])
    }

    private static let firstKey: [UInt8] = [
        0x04, 0x67, 0x8a, 0xfd, 0xb0, 0xfe, 0x55, 0x48, 0x27, 0x19, 0x67, 0xf1, 0xa6, 0x71, 0x30,
        0xb7, 0x10, 0x5c, 0xd6, 0xa8, 0x28, 0xe0, 0x39, 0x09, 0xa6, 0x79, 0x62, 0xe0, 0xea, 0x1f,
        0x61, 0xde, 0xb6, 0x49, 0xf6, 0xbc, 0x3f, 0x4c, 0xef, 0x38, 0xc4, 0xf3, 0x55, 0x04, 0xe5,
        0x1e, 0xc1, 0x12, 0xde, 0x5c, 0x38, 0x4d, 0xf7, 0xba, 0x0b, 0x8d, 0x57, 0x8a, 0x4c, 0x70,
        0x2b, 0x6b, 0xf1, 0x1d, 0x5f,
    ]
}
