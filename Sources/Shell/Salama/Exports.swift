// What a program that embeds a node speaks of: amounts, keys, addresses, invoices, requests and answers, chains.
@_exported import Bitcoin
@_exported import ChainBackend
@_exported import LightningInvoice
@_exported import LightningNode
@_exported import LightningPayment
@_exported import LightningWallet
@_exported import LightningWire
@_exported import NodeRuntime
