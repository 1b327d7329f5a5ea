import Bitcoin
@_spi(Release) import LightningNode
import LightningWallet
import LightningWire
import NodeStorage

/// What the runtime's loop does, with the crashes between its steps.
extension Simulation {
    /// The process of a node ends: its connections go with it.
    func end(_ node: SimulatedNode) {
        node.forgetProcess()
        for pair in links.keys.sorted() where pair.contains(node.index) {
            endConnection(Link.End(node: node.index, peer: pair.low + pair.high - node.index))
        }
    }

    /// Puts an input into a node's queue, and sees to it that the node takes it soon.
    func post(_ input: NodeInput, to node: SimulatedNode) {
        node.inbox.append(input)
        guard !node.isTurnDue, !node.isStalled else { return }
        node.isTurnDue = true
        schedule(.turn(node: node.index, life: node.life), in: UInt64(random.number(in: 0...40)))
    }

    /// Lets a node take what waits for it and `more`, in one batch.
    func takeTurn(_ node: SimulatedNode, _ more: [NodeInput] = []) {
        node.isTurnDue = false
        guard node.isRunning else { return }
        let inputs = node.inbox + more
        node.inbox = []
        guard !node.isStalled else {
            // A chain worker waits for its answer; nothing else is put in while the disk is full.
            node.inbox = inputs
            return
        }
        for input in inputs {
            trace.note(.input, at: now, node: node.index, input.traceBytes, input.traceText)
            if case .peerMessage(let peer, let bytes) = input {
                watchForwards(bytes, from: peer, to: node)
            }
            let moment = node.moment(at: now)
            if let step = node.core?.receive(input, at: moment) { take(step, of: node) }
        }
        let moment = node.moment(at: now)
        if let step = node.core?.finish(at: moment) { take(step, of: node) }
        if let wakeTime = node.core?.wakeTime {
            let present = VirtualTime.epoch * 1_000 + now.milliseconds
            schedule(
                .turn(node: node.index, life: node.life),
                in: wakeTime > present ? wakeTime - present : 0)
        }
        finishBatch(node)
    }

    private func take(_ step: Step, of node: SimulatedNode) {
        for write in step.writes {
            let bytes = [write.table.rawValue] + write.key + (write.value ?? [])
            trace.note(
                .write, at: now, node: node.index, bytes,
                "\(write.table) \(Hex.encode(write.key)): \(write.value?.count ?? -1) bytes")
        }
        if trace.isVerbose {
            for event in step.events {
                trace.note(.log, at: now, node: node.index, "\(event.level) \(event.message)")
            }
        } else {
            for _ in step.events { trace.note(.log, at: now, node: node.index, "") }
        }
        node.batch.append(step)
    }

    /// Commits the batch of a node and does what it asks for, unless something comes between.
    func finishBatch(_ node: SimulatedNode) {
        let crash = node.batch.isEmpty ? nil : node.nextCrash.take()
        if crash == .beforeCommit { return self.crash(node, losingPower: false) }
        if crash == .duringCommit { node.disk.cutPowerSoon(&random) }
        let effects: [NodeEffect]
        do throws(StorageError) {
            guard let durable = try commit(node) else { return }
            effects = durable
        } catch {
            return stall(node, because: error)
        }
        // The power fails in the next commit that writes enough.
        if node.disk.isCut { return self.crash(node, losingPower: true) }
        node.isStalled = false
        noteHeard(at: node)
        let kept = crash == .afterCommit ? 0 : effects.count
        let count = crash == .duringRelease ? random.number(below: effects.count + 1) : kept
        for effect in effects.prefix(count) { perform(effect, for: node) }
        if crash != nil, crash != .duringCommit {
            // All that was released must be there even if the machine's power goes now.
            node.coreAtCrash = node.core
            node.hadReleased = true
            return self.crash(node, losingPower: true)
        }
        keepState(of: node)
        noteChannels(of: node)
    }

    /// Makes the batch durable, and gives what may be done now.
    private func commit(_ node: SimulatedNode) throws(StorageError) -> [NodeEffect]? {
        guard let store = node.disk.store else { return nil }
        let committed = try node.batch.commit(to: store)
        return committed.release()
    }

    private func stall(_ node: SimulatedNode, because error: StorageError) {
        trace.note(.disk, at: now, node: node.index, "\(error)")
        if node.disk.isCut {
            crash(node, losingPower: true)
        } else if error.mayPass {
            node.isStalled = true
        } else {
            crash(node, losingPower: false)
        }
    }

    /// Does what a step asked for, as the runtime would.
    private func perform(_ effect: NodeEffect, for node: SimulatedNode) {
        switch effect {
        case .broadcast(let transaction): offerSoon([transaction], of: node)
        case .broadcastPackage(let transactions): offerSoon(transactions, of: node)
        case .send(let peer, let messages): send(messages, from: node, to: peer)
        case .disconnect(let peer): hangUp(node, on: peer)
        case .load(let id, let table, let prefix): load(id, table, prefix, for: node)
        case .findRoutes(let id, let query):
            schedule(
                .input(node: node.index, life: node.life, .routesFound(id, find(query))),
                in: UInt64(random.number(in: 1...50)))
        case .learn: break
        case .gossip, .localChannels: break
        case .watchGrew: node.isWatchStale = true
        case .reply(let id, let result):
            trace.note(.release, at: now, node: node.index, [5], "answers \(id.value): \(result)")
            note(result, to: id, of: node)
        case .tell: node.isWatchStale = true
        case .notify, .keepPeers, .scanAgain: break
        }
    }

    private func load(
        _ id: LoadID, _ table: RecordTable, _ prefix: [UInt8], for node: SimulatedNode
    ) {
        trace.note(.release, at: now, node: node.index, [4] + prefix, "loads \(table)")
        let records = try? node.disk.store?.records(
            in: table, range: KeyRange(prefix: prefix), order: .ascending, limit: .max)
        schedule(
            .input(
                node: node.index, life: node.life,
                .loaded(id, (records ?? []).map { ($0.key, $0.value) })),
            in: UInt64(random.number(in: 1...50)))
    }

    private func note(
        _ result: Result<NodeReply, NodeFailure>, to id: RequestID, of node: SimulatedNode
    ) {
        switch node.waiting.removeValue(forKey: id) {
        case .chain?:
            switch result {
            case .success(.position(let position)):
                node.position = position
                node.isWatchStale = false
            case .success, .failure: node.position = nil
            }
        case .funding?:
            if case .success(.address(let address, _)) = result { node.lastAddress = address }
        case .task(let task)?: noteTask(task, result, at: node)
        case nil: break
        }
    }

    func tick(_ node: SimulatedNode) {
        post(.tick, to: node)
        schedule(
            .tick(node: node.index, life: node.life), in: phase == .active ? 10_000 : 60_000)
    }
}
