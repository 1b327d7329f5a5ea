/// Every command, in the order in which the help lists them.
enum CommandList {
    static let all: [Command] =
        [StartCommand.command, DemoCommand.command] + NodeCommands.all + WalletLockCommands.all
        + FundsCommands.all + SpendingCommands.all + WalletCommands.all + PSBTCommands.all
        + PeerCommands.all + [OpenChannelCommand.command, BatchOpenCommand.command]
        + ClosingCommands.all + ChannelListCommands.all + [PendingChannelsCommand.command]
        + BackupCommands.all + PolicyCommands.all + InvoiceCommands.all + InvoiceListCommands.all
        + PaymentCommands.all
        + [PaymentListCommand.command] + RouteCommands.all + GraphCommands.all + [
            MineCommand.command, ConfigCommand.command, BenchCommand.command,
            SimulateCommand.command, SoakCommand.command, ChainCommand.command,
            VersionCommand.command,
            CompletionCommand.command,
            ManualPageCommand.command,
        ]

    /// The options of the configuration, which may be given to every command that reads it.
    static let configurationFlags: [Flag] = ConfigurationOption.all.map(\.flag)
}
