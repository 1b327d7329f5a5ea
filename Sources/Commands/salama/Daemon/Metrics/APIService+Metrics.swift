import LightningNode
import NodeAPI
import NodeRuntime
import NodeServer

/// The node in figures.
extension APIService {
    func metrics(_ reply: MetricsReply) {
        enqueue { [self] in
            var page = MetricsPage()
            page.addText(
                "salama_build_info", "The version that runs.", "version", VersionCommand.version)
            page.addText(
                "salama_state", "How far the node's start has come.", "state",
                host.currentState.rawValue)
            addProcess(&page)
            addChain(&page)
            addLoop(&page)
            addCounts(&page)
            // A locked wallet has no channels to tell of.
            if let reports = try? channelReports() { Self.add(reports, &page) }
            if case .balance(let balance)? = try? host.perform(.books(.balance)) {
                page.add(
                    "salama_wallet_balance_sat", .gauge, "What the wallet has.", by: "state",
                    [
                        ("confirmed", balance.confirmed.value),
                        ("unconfirmed", balance.unconfirmed.value),
                        ("immature", balance.immature.value), ("locked", balance.locked.value),
                    ])
            }
            reply(page.text)
        }
    }

    private func addProcess(_ page: inout MetricsPage) {
        let figures = ProcessUsage.current
        page.add(
            "process_resident_memory_bytes", .gauge, "Memory that is in use.",
            figures.residentMemory)
        page.add(
            "process_cpu_seconds_total", .counter, "Time on all processors.",
            microseconds: figures.processorTime)
    }

    private func addChain(_ page: inout MetricsPage) {
        let health = host.chainHealth
        page.add(
            "salama_block_height", .gauge, "The height of the last block that was processed.",
            health.tip?.height.value ?? 0)
        page.add(
            "salama_synced_to_chain", .gauge, "Whether that is the chain's tip.",
            health.isSynced ? 1 : 0)
        page.add(
            "salama_chain_backend_up", .gauge, "Whether the chain's backend answers.",
            health.trouble == nil ? 1 : 0)
        page.add("salama_peers", .gauge, "Peers that are connected.", host.peers.reports.count)
    }

    private func addLoop(_ page: inout MetricsPage) {
        let figures = host.loopFigures
        page.add(
            "salama_loop_batches_total", .counter, "Batches that were made durable.",
            figures.batches)
        page.add("salama_loop_inputs_total", .counter, "Inputs that were taken.", figures.inputs)
        page.add(
            "salama_storage_writes_total", .counter, "Records that were written.", figures.writes)
        page.add(
            "salama_loop_queue_length", .gauge, "Inputs that wait for the node.", figures.waiting)
        page.addHistogram(
            "salama_storage_commit_seconds", "How long batches took to be durable.",
            limits: LoopFigures.commitLimits, counts: figures.commits, sum: figures.commitTime)
    }

    private func addCounts(_ page: inout MetricsPage) {
        let counts = meter.current
        page.add(
            "salama_payments_total", .counter, "Payments of this node that have ended.",
            by: "outcome",
            [
                ("succeeded", Int64(clamping: counts.paymentsSucceeded)),
                ("failed", Int64(clamping: counts.paymentsFailed)),
            ])
        page.add(
            "salama_forwards_total", .counter, "HTLCs of peers that went on, or did not.",
            by: "outcome",
            [
                ("offered", Int64(clamping: counts.forwardsOffered)),
                ("settled", Int64(clamping: counts.forwardsSettled)),
                ("failed", Int64(clamping: counts.forwardsFailed)),
                ("refused", Int64(clamping: counts.forwardsRefused)),
            ])
        page.add(
            "salama_forward_fees_msat_total", .counter, "What forwarding earned.",
            counts.forwardFees)
        page.add(
            "salama_invoices_settled_total", .counter, "Invoices that were paid.",
            counts.invoicesSettled)
        page.add(
            "salama_channels_opened_total", .counter, "Channels that became open.",
            counts.channelsOpened)
        page.add(
            "salama_channels_closed_total", .counter, "Channels that are closed for good.",
            counts.channelsClosed)
        page.add(
            "salama_peer_connections_total", .counter, "Peers that came and went.", by: "event",
            [
                ("connected", Int64(clamping: counts.peersConnected)),
                ("lost", Int64(clamping: counts.peersLost)),
            ])
    }

    private static func add(_ reports: [ChannelReport], _ page: inout MetricsPage) {
        var states: [(label: String, value: Int64)] = [
            ("pending_open", 0), ("active", 0), ("inactive", 0), ("waiting_close", 0),
            ("force_closing", 0),
        ]
        for report in reports {
            switch report.stage {
            case .opening: states[0].value += 1
            case .open: states[report.isActive ? 1 : 2].value += 1
            case .waitingForClose: states[3].value += 1
            case .closedByForce: states[4].value += 1
            case .talking, .closed: break
            }
        }
        page.add("salama_channels", .gauge, "Channels by their state.", by: "state", states)
        let balance = ChannelBalanceResponse(reports)
        page.add(
            "salama_channel_balance_msat", .gauge, "What is in open channels.", by: "side",
            [
                ("local", Int64(clamping: balance.localBalance?.msat ?? 0)),
                ("remote", Int64(clamping: balance.remoteBalance?.msat ?? 0)),
            ])
        let htlcs = reports.reduce(0) { $0 + ($1.details?.htlcs.count ?? 0) }
        page.add("salama_htlcs", .gauge, "HTLCs that are on their way.", htlcs)
    }
}
