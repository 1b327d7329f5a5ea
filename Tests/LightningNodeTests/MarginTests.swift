import Bitcoin
@testable import LightningNode
import LightningOnChain
import LightningPayment
@testable import NodeFixtures
import Testing

/// The time that HTLCs must have left.
struct MarginTests {
    @Test(
        "what is held is given back before its channel would have to be closed for it",
        arguments: [OnChainPolicy(), OnChainPolicy(reorganisation: 10, confirmation: 30)])
    func holdMargin(onChain: OnChainPolicy) throws {
        var policy = NodePolicy()
        policy.onChain = onChain
        let node = try TestNode(number: 1, policy: policy).node
        #expect(node.invoices.policy.holdMargin > onChain.fulfillmentTime)
    }
}
