//! A tree that grows leaf by leaf, and holds no more than its root needs.

use super::NodeHash;

/// The perfect subtrees that a tree consists of, from the left, as RFC 6962 splits it.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    nodes: Vec<NodeHash>,
}

impl Frontier {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: NodeHash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.nodes.pop() else { break };
            node = NodeHash::above(left, node);
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub fn root(&self) -> NodeHash {
        let nodes = self.nodes.iter().rev().copied();
        nodes.reduce(|right, left| NodeHash::above(left, right)).unwrap_or_else(NodeHash::empty)
    }
}
